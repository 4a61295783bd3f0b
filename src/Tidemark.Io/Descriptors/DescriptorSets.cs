using System.Globalization;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Io.Linux;

namespace Tidemark.Io.Descriptors;

/// <summary>Sets of descriptors that clients have passed, by number; <c>/dev/fdset/NUMBER</c> is the path of one. On the engine's loop.</summary>
public sealed class DescriptorSets
{
    private const string PathPrefix = "/dev/fdset/";
    private const int DescriptorsAtMost = 256;

    private readonly SortedDictionary<long, DescriptorSet> sets = [];

    /// <summary>All sets, by falling number.</summary>
    public IEnumerable<DescriptorSet> All => sets.Values.Reverse();

    /// <summary>Whether a path names a set.</summary>
    public static bool IsPath(string path) => path.StartsWith(PathPrefix, StringComparison.Ordinal);

    /// <summary>
    /// Puts <paramref name="descriptor"/>, which is the set's from now on, into the set of that number, or into a new one with the
    /// lowest that is free; gives the number. Throws <see cref="BlockException"/>, and closes it then.
    /// </summary>
    public long Add(long? number, int descriptor, string? opaque)
    {
        if (number < 0 || sets.Values.Sum(static set => set.Descriptors.Count) >= DescriptorsAtMost)
        {
            _ = Libc.Close(descriptor);
            throw number < 0
                ? new BlockException(BlockErrorKind.InvalidOptions, "Parameter 'fdset-id' expects a non-negative value")
                : new BlockException((IoStatus)Libc.EMFILE, "Cannot keep the file descriptor");
        }
        var id = number ?? LowestFree();
        if (!sets.TryGetValue(id, out var set))
        {
            sets.Add(id, set = new DescriptorSet(this, id));
        }
        set.Add(new SetDescriptor(descriptor, opaque));
        return id;
    }

    /// <summary>
    /// Closes one descriptor of a set, or all; files that were opened by its path stay open. Throws "File descriptor named 'fdset-id:N,
    /// fd:M' not found".
    /// </summary>
    public void Remove(long number, long? descriptor)
    {
        if (!sets.TryGetValue(number, out var set) || !set.Remove(descriptor))
        {
            var what = descriptor is null ? $"fdset-id:{number}" : $"fdset-id:{number}, fd:{descriptor}";
            throw new BlockException(BlockErrorKind.InvalidOptions, $"File descriptor named '{what}' not found");
        }
    }

    /// <summary>The last client has gone: what no file was opened from is closed.</summary>
    public void ForgetUnused()
    {
        foreach (var set in sets.Values.Where(static set => set.InUse == 0).ToList())
        {
            _ = set.Remove(null);
        }
    }

    internal void Clear()
    {
        foreach (var set in sets.Values.ToList())
        {
            _ = set.Remove(null);
        }
    }

    internal void ForgetIfDone(DescriptorSet set)
    {
        if (set is { InUse: 0, Descriptors.Count: 0 })
        {
            _ = sets.Remove(set.Id);
        }
    }

    /// <summary>
    /// A duplicate of the descriptor in <paramref name="sets"/> that <paramref name="path"/> and <paramref name="flags"/> (of open(2))
    /// ask for, and the set it is from. Throws <see cref="BlockException"/> in the reference's words.
    /// </summary>
    internal static (int Descriptor, DescriptorSet Set) Open(DescriptorSets? sets, string path, int flags)
    {
        if (
            !long.TryParse(
                path.AsSpan(PathPrefix.Length),
                NumberStyles.AllowLeadingWhite,
                CultureInfo.InvariantCulture,
                out var id
            )
        )
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"Could not parse fdset {path}");
        }
        var set = sets?.sets.GetValueOrDefault(id);
        var found = set?.Find(flags & Libc.O_RDWR) ?? -1;
        var duplicate = found < 0 ? -1 : Libc.Fcntl(found, Libc.F_DUPFD_CLOEXEC, 0);
        if (duplicate < 0 || set is null)
        {
            var status =
                sets is null ? (IoStatus)Libc.ENOSYS
                : set is null ? IoStatus.NotFound
                : found < 0 ? IoStatus.AccessDenied
                : Libc.LastError;
            throw new BlockException(status, $"Could not dup FD for {path} flags {flags & ~Libc.O_CLOEXEC:x}") { Path = path };
        }
        var now = Libc.Fcntl(duplicate, Libc.F_GETFL, 0);
        var wanted = (now & ~Libc.O_DIRECT) | (flags & Libc.O_DIRECT);
        if (
            (wanted != now && Libc.Fcntl(duplicate, Libc.F_SETFL, wanted) < 0)
            || ((flags & Libc.O_TRUNC) != 0 && Libc.FTruncate(duplicate, 0) < 0)
        )
        {
            var status = Libc.LastError;
            _ = Libc.Close(duplicate);
            throw new BlockException(status, $"Could not dup FD for {path} flags {flags & ~Libc.O_CLOEXEC:x}") { Path = path };
        }
        set.Borrow();
        return (duplicate, set);
    }

    private long LowestFree()
    {
        var free = 0L;
        while (sets.ContainsKey(free))
        {
            free++;
        }
        return free;
    }
}
