using System.Runtime.InteropServices;
using System.Text;

namespace Tidemark.Cli.Demo.FileSystem;

/// <summary>Real files, as they are found on any machine where this program runs: the runtime's own, then the system's.</summary>
internal sealed class FoundFiles(Ext4Builder target)
{
    private const int LargestBytes = 16 << 20;
    private const int LongestNameBytes = 255; // ext4's limit
    private const int MostOfOnePlace = 1500;

    private readonly Dictionary<string, Ext4Directory> directories = new(StringComparer.Ordinal);

    /// <summary>Files copied so far.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes copied so far.</summary>
    public long Bytes { get; private set; }

    /// <summary>Copies files into the file system, of every place a share, until about <paramref name="budgetBytes"/> are there.</summary>
    public void Copy(long budgetBytes)
    {
        var places = new[] { RuntimeFolder(), "/usr/share", "/usr/lib", "/etc" }.Where(Directory.Exists).ToList();
        for (var index = 0; index < places.Count; index++)
        {
            CopyPlace(places[index], budgetBytes * (index + 1) / places.Count);
        }
    }

    private static string RuntimeFolder() => RuntimeEnvironment.GetRuntimeDirectory();

    private void CopyPlace(string place, long untilBytes)
    {
        var walk = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device,
        };
        var last = Count + MostOfOnePlace;
        foreach (var path in Directory.EnumerateFiles(place, "*", walk))
        {
            if (Bytes >= untilBytes || Count >= last)
            {
                return;
            }

            if (
                Read(path) is { } content
                && content.Length < target.FreeBytes / 2
                && Encoding.UTF8.GetByteCount(Path.GetFileName(path)) <= LongestNameBytes
            )
            {
                _ = target.AddFile(DirectoryOf(Path.GetDirectoryName(path)!), Path.GetFileName(path), content);
                Count++;
                Bytes += content.Length;
            }
        }
    }

    // What may not be read, or went away meanwhile, is left out.
    private static byte[]? Read(string path)
    {
        try
        {
            return new FileInfo(path).Length is > 0 and <= LargestBytes ? File.ReadAllBytes(path) : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private Ext4Directory DirectoryOf(string path)
    {
        if (path is "/" or "")
        {
            return target.Root;
        }

        if (!directories.TryGetValue(path, out var directory))
        {
            directory = target.AddDirectory(DirectoryOf(Path.GetDirectoryName(path)!), Path.GetFileName(path));
            directories.Add(path, directory);
        }

        return directory;
    }
}
