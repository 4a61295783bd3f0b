using System.Text;
using Tidemark.Cli.Terminal;

namespace Tidemark.Cli.Tests;

public sealed class ProgramTests
{
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    [Fact]
    public void Help_names_every_tool()
    {
        Assert.Equal(0, Run("tidemark", "--help"));
        Assert.All(BuiltinTools.All, tool => Assert.Contains(tool.Name, output.ToString(), StringComparison.Ordinal));
        Assert.Empty(error.ToString());
    }

    [Fact]
    public void Without_arguments_the_help_goes_to_standard_error()
    {
        Assert.Equal(1, Run("tidemark"));
        Assert.Empty(output.ToString());
        Assert.Contains("Usage: tidemark", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_command_is_refused_by_name()
    {
        Assert.Equal(1, Run("tidemark", "frobnicate"));
        Assert.Equal(
            "tidemark: 'frobnicate' is not a tidemark command. See 'tidemark --help'." + Environment.NewLine,
            error.ToString()
        );
    }

    [Theory]
    [InlineData("/usr/bin/qemu-img\0create\0", "qemu-img")]
    [InlineData("qemu-io\0", "qemu-io")]
    [InlineData("./tidemark", "tidemark")]
    [InlineData("", "tidemark")]
    [InlineData("/ends/in/slash/\0x\0", "tidemark")]
    public void The_name_called_is_the_last_part_of_the_first_argument(string commandLine, string expected) =>
        Assert.Equal(expected, InvokedName.FromCommandLine(Encoding.UTF8.GetBytes(commandLine)));

    [Fact]
    public void Links_refuses_to_replace_a_file_that_is_not_a_link()
    {
        var folder = Directory.CreateTempSubdirectory("tidemark-links");
        try
        {
            foreach (var tool in BuiltinTools.All.Where(tool => tool.IsDropIn))
            {
                File.WriteAllText(Path.Combine(folder.FullName, tool.Name), "someone's program");
                Assert.Equal(1, Run("tidemark", "links", folder.FullName));
                Assert.Equal("someone's program", File.ReadAllText(Path.Combine(folder.FullName, tool.Name)));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Links_made_twice_are_the_same_links()
    {
        var folder = Directory.CreateTempSubdirectory("tidemark-links");
        try
        {
            Assert.Equal(0, Run("tidemark", "links", folder.FullName));
            Assert.Equal(0, Run("tidemark", "links", folder.FullName));
            Assert.Equal(
                BuiltinTools.All.Where(tool => tool.IsDropIn).Select(tool => tool.Name).Order(StringComparer.Ordinal),
                folder.GetFileSystemInfos().Select(link => link.Name).Order(StringComparer.Ordinal)
            );
            Assert.All(folder.GetFileSystemInfos(), link => Assert.NotNull(link.LinkTarget));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private int Run(string programName, params string[] arguments) =>
        Program.Dispatch(arguments, new ToolConsole(output, error, programName));
}
