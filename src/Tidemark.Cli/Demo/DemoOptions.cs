using System.Globalization;

namespace Tidemark.Cli.Demo;

/// <summary>What the demo was asked for.</summary>
/// <param name="Folder">Where everything goes.</param>
/// <param name="SizeBytes">Size of the disk: a multiple of 128 MiB.</param>
/// <param name="Seed">Chance: the same seed makes the same guest.</param>
internal sealed record DemoOptions(string Folder, long SizeBytes, int Seed)
{
    private const long GroupBytes = 128L << 20;
    private const long SmallestBytes = 2 * GroupBytes;
    private const long LargestBytes = 64 * GroupBytes;

    /// <summary>The help of the verb.</summary>
    public const string Help = """
        usage: tidemark demo [--folder DIR] [--size MIB] [--seed N]

        Serves a disk, tracks its changes, backs it up while it is written to, in full and in
        increments, restores every point in time and proves each identical.

          --folder DIR   where the disk, the backups and the restored points go (demo-data);
                         replaced if an earlier demo made it
          --size MIB     size of the disk, a multiple of 128 from 256 to 8192 (1024)
          --seed N       chance of the guest's writes (1)

        """;

    /// <summary>Reads the arguments; null with the reason in <paramref name="error"/> if they are wrong.</summary>
    public static DemoOptions? Parse(string[] arguments, out string? error)
    {
        var (folder, mebibytes, seed) = ("demo-data", 1024, 1);
        error = null;
        for (var index = 0; index < arguments.Length; index += 2)
        {
            var value = index + 1 < arguments.Length ? arguments[index + 1] : null;
            switch (arguments[index])
            {
                case "--folder" when value is { Length: > 0 }:
                    folder = value;
                    break;
                case "--size" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out mebibytes):
                case "--seed" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out seed):
                    break;
                case var name:
                    error = $"'{name}' is no option of the demo, or lacks its value";
                    return null;
            }
        }

        var size = (long)mebibytes << 20;
        if (size is < SmallestBytes or > LargestBytes || size % GroupBytes != 0)
        {
            error = "the size must be a multiple of 128 MiB from 256 to 8192";
            return null;
        }

        return new DemoOptions(Path.GetFullPath(folder), size, seed);
    }
}
