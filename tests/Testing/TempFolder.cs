namespace Tidemark.Testing;

/// <summary>A folder of one test, removed with all that is in it at its end.</summary>
public sealed class TempFolder : IDisposable
{
    private TempFolder(string path) => Path = path;

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>On the disk (the folder for temporary files).</summary>
    public static TempFolder OnDisk() => new(Directory.CreateTempSubdirectory("tidemark-").FullName);

    /// <summary>In memory (tmpfs, /dev/shm).</summary>
    public static TempFolder InMemory()
    {
        var path = System.IO.Path.Combine("/dev/shm", $"tidemark-{Guid.NewGuid():N}");
        return new TempFolder(Directory.CreateDirectory(path).FullName);
    }

    /// <summary>Path of a file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
