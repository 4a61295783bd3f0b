using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>Our own programs as processes of their own, by the names that scripts know.</summary>
internal static class Ours
{
    private static readonly Lazy<string> Links = new(CreateLinks);

    /// <summary>Starts our storage daemon.</summary>
    public static RealQemu StartDaemon(params string[] options) => RealQemu.StartProgram(Program("qemu-storage-daemon"), options);

    /// <summary>Starts our machine without a guest.</summary>
    public static RealQemu StartMachine(params string[] options) => RealQemu.StartMachine(Program("qemu-system-x86_64"), options);

    /// <summary>Runs our qemu-img.</summary>
    public static ProgramRun Img(params string[] arguments) => ProgramRun.Of(Program("qemu-img"), arguments);

    /// <summary>Runs our qemu-io.</summary>
    public static ProgramRun Io(params string[] arguments) => ProgramRun.Of(Program("qemu-io"), arguments);

    /// <summary>The path of one of our programs.</summary>
    public static string Program(string name) => System.IO.Path.Combine(Links.Value, name);

    /// <summary>The path of a program of the tests' own.</summary>
    public static string Script(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Programs", name);

    /// <summary>Where our programs are, by the names that scripts know.</summary>
    public static string Folder => Links.Value;

    private static string CreateLinks()
    {
        var folder = Directory.CreateTempSubdirectory("tidemark-links-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (var name in (string[])["qemu-img", "qemu-io", "qemu-storage-daemon", "qemu-system-x86_64"])
        {
            _ = File.CreateSymbolicLink(
                System.IO.Path.Combine(folder, name),
                System.IO.Path.Combine(AppContext.BaseDirectory, "tidemark")
            );
        }
        return folder;
    }
}
