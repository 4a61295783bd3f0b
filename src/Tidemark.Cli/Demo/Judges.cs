namespace Tidemark.Cli.Demo;

/// <summary>Programs that others wrote, if they are installed: what they say of images and file systems.</summary>
internal sealed class Judges
{
    private readonly ProgramCommand? fsck = ProgramCommand.Find("e2fsck");
    private readonly ProgramCommand? imageTool = ProgramCommand.Find("qemu-img");

    /// <summary>Which were found, and which would help, in a sentence.</summary>
    public string Describe()
    {
        var found = new List<string>();
        var missing = new List<string>();
        (fsck is null ? missing : found).Add("e2fsck (file systems)");
        (imageTool is null ? missing : found).Add("qemu-img (images)");
        var text =
            found.Count > 0 ? $"Judges that others wrote: {string.Join(", ", found)}" : "No judge that others wrote is installed";
        return missing.Count > 0 ? $"{text}; not installed: {string.Join(", ", missing)}" : text;
    }

    /// <summary>What is wrong with the file system in a raw image; null if nothing or nobody is there to tell.</summary>
    public ValueTask<string?> FileSystemAsync(string rawPath) => AskAsync(fsck, "e2fsck", ["-fn", rawPath]);

    /// <summary>What is wrong with an image.</summary>
    public ValueTask<string?> ImageAsync(string path) =>
        AskAsync(imageTool, "qemu-img check", ["check", "-q", "-f", "qcow2", path]);

    /// <summary>Whether an image, with those behind it, holds other content than a raw file.</summary>
    public ValueTask<string?> SameAsync(string path, string rawPath) =>
        AskAsync(imageTool, "qemu-img compare", ["compare", "-f", "qcow2", "-F", "raw", path, rawPath]);

    private static async ValueTask<string?> AskAsync(ProgramCommand? judge, string name, string[] arguments)
    {
        if (judge is null)
        {
            return null;
        }

        var (code, output) = await judge.RunAsync(arguments);
        return code == 0 ? null : $"{name}: {output.Trim()}";
    }
}
