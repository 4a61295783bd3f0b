namespace Tidemark.Io.Linux;

/// <summary>What a path of this machine stands for, asked before anything is opened.</summary>
public static class HostPaths
{
    /// <summary>Whether it leads, by links or at once, to a block or character device. False when there is nothing.</summary>
    public static bool IsDevice(string path) => Libc.Facts(path) is { } facts && (facts.IsBlockDevice || facts.IsCharacterDevice);
}
