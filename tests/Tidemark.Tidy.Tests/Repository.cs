namespace Tidemark.Tidy.Tests;

/// <summary>The files of the repository, as a clone has them: no build output, nothing that a run leaves behind.</summary>
internal static class Repository
{
    private static readonly string[] OutputFolders =
    [
        "bin",
        "obj",
        "artifacts",
        "demo-data",
        "node_modules",
        "TestResults",
        "__pycache__",
    ];

    /// <summary>The folder of the solution file.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every file, as a path relative to <see cref="Root"/> with '/', in order.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(Root).Order(StringComparer.Ordinal)];

    /// <summary>Every C# file of src, tests, fuzz and bench, parsed.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } =
    [.. Files.Where(path => path.EndsWith(".cs", StringComparison.Ordinal)).Select(path => new SourceFile(path, ReadText(path)))];

    /// <summary>The C# files of the product: those under src.</summary>
    public static IEnumerable<SourceFile> ProductSources =>
        Sources.Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal));

    /// <summary>The project files under <paramref name="folder"/>.</summary>
    public static IEnumerable<string> Projects(string folder) =>
        Files.Where(path =>
            path.StartsWith(folder + "/", StringComparison.Ordinal) && path.EndsWith(".csproj", StringComparison.Ordinal)
        );

    /// <summary>The whole text of a file.</summary>
    public static string ReadText(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Tidemark.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Tidemark.slnx is in no folder above the test program");
    }

    private static IEnumerable<string> Walk(string folder)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (entry is FileInfo && entry.LinkTarget is null && entry.Name != ".git")
            {
                yield return Path.GetRelativePath(Root, entry.FullName).Replace('\\', '/');
            }
            else if (entry is DirectoryInfo && entry.LinkTarget is null && IsOurs(entry))
            {
                foreach (var path in Walk(entry.FullName))
                {
                    yield return path;
                }
            }
        }
    }

    private static bool IsOurs(FileSystemInfo folder) =>
        !OutputFolders.Contains(folder.Name) && (!folder.Name.StartsWith('.') || folder.Name is ".ci" or ".config");
}
