using System.Globalization;
using Tidemark.Core.Errors;
using Tidemark.Io.Linux;

namespace Tidemark.Io.Descriptors;

/// <summary>
/// File descriptors that clients have passed to this process, under the names that they gave (getfd), and in sets (add-fd). On the
/// engine's loop.
/// </summary>
public sealed class DescriptorStore : IDisposable
{
    // Clients hold the same power as we do, but a mistake of theirs must not use up all the descriptors that we may have.
    private const int NamedAtMost = 256;

    private readonly Dictionary<string, int> named = new(StringComparer.Ordinal);

    /// <summary>The sets, for paths like /dev/fdset/1.</summary>
    public DescriptorSets Sets { get; } = new();

    /// <summary>
    /// Keeps <paramref name="descriptor"/>, which is the store's from now on; one of the same name is closed. Throws
    /// <see cref="BlockException"/> when there are too many, and closes it.
    /// </summary>
    public void Put(string name, int descriptor)
    {
        _ = Close(name);
        if (named.Count == NamedAtMost)
        {
            _ = Libc.Close(descriptor);
            throw new BlockException((IoStatus)Libc.EMFILE, "Cannot keep the file descriptor");
        }
        named.Add(name, descriptor);
    }

    /// <summary>Closes the one of that name; false if there is none.</summary>
    public bool Close(string name)
    {
        var found = named.Remove(name, out var descriptor);
        if (found)
        {
            _ = Libc.Close(descriptor);
        }
        return found;
    }

    /// <summary>Gives the one of that name away. Throws "File descriptor named 'x' has not been found".</summary>
    public int Take(string name) => named.Remove(name, out var descriptor) ? descriptor : throw NotFound(name);

    /// <summary>Closes a descriptor that came from a client and that nobody wants.</summary>
    public static void Discard(int descriptor) => _ = Libc.Close(descriptor);

    /// <summary>Closes all that nobody took.</summary>
    public void Dispose()
    {
        foreach (var descriptor in named.Values)
        {
            _ = Libc.Close(descriptor);
        }
        named.Clear();
        Sets.Clear();
    }

    internal static int ParseInherited(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw NotFound(text);

    private static BlockException NotFound(string name) =>
        new(BlockErrorKind.NotFound, $"File descriptor named '{name}' has not been found");
}
