using System.Runtime.CompilerServices;
using Tidemark.Core.Errors;

namespace Tidemark.Io.Linux;

/// <summary>
/// An io_uring mapped into this process: two rings of indexes that we and the kernel read from opposite ends. Only the
/// thread that made it may use it, which lets the kernel run completions when that thread enters and never interrupt it.
/// </summary>
internal sealed unsafe class Ring : IDisposable
{
    public const byte ReadOperation = 22;
    public const byte WriteOperation = 23;
    public const byte FlushOperation = 3;
    public const uint DataOnly = 1;

    private const uint SetupClamp = 1 << 4;
    private const uint SetupCompletionSize = 1 << 3;
    private const uint SetupCoopTaskRun = 1 << 8;
    private const uint SetupTaskRunFlag = 1 << 9;
    private const uint SetupSingleIssuer = 1 << 12;
    private const uint SetupDeferTaskRun = 1 << 13;
    private const uint EnterGetEvents = 1;
    private const uint RegisterEvent = 4;
    private const uint SubmissionTaskRun = 1 << 2;
    private const uint CompletionEventDisabled = 1;

    // One mapping (Linux 5.4), and plain reads and writes, which came together with the second one (5.6).
    private const uint NeededFeatures = 1 | (1 << 3);

    // Best first: what an older kernel doesn't know it refuses with EINVAL.
    private static readonly uint[] FlagSets =
    [
        SetupCoopTaskRun | SetupTaskRunFlag | SetupSingleIssuer | SetupDeferTaskRun,
        SetupCoopTaskRun | SetupTaskRunFlag,
        0,
    ];

    private readonly byte* map;
    private readonly nuint mapLength;
    private readonly Libc.SubmissionEntry* entries;
    private readonly nuint entriesLength;
    private readonly uint* submissionHead;
    private readonly uint* submissionTail;
    private readonly uint* submissionFlags;
    private readonly uint submissionMask;
    private readonly uint* completionHead;
    private readonly uint* completionTail;
    private readonly uint* completionFlags;
    private readonly uint completionMask;
    private readonly Libc.CompletionEntry* completions;
    private uint pending;

    private Ring(int descriptor, in Libc.RingParameters parameters)
    {
        Descriptor = descriptor;
        var (s, c) = (parameters.Submission, parameters.Completion);
        mapLength = Math.Max(
            s.Array + (parameters.SubmissionEntries * sizeof(uint)),
            c.Entry + (parameters.CompletionEntries * (uint)sizeof(Libc.CompletionEntry))
        );
        entriesLength = parameters.SubmissionEntries * (nuint)sizeof(Libc.SubmissionEntry);
        map = (byte*)Libc.Map(null, mapLength, Libc.PROT_READ_WRITE, Libc.MAP_SHARED_POPULATE, descriptor, Libc.RingOffset);
        entries = (Libc.SubmissionEntry*)
            Libc.Map(null, entriesLength, Libc.PROT_READ_WRITE, Libc.MAP_SHARED_POPULATE, descriptor, Libc.EntriesOffset);
        if ((nint)map == -1 || (nint)entries == -1)
        {
            _ = Libc.Close(descriptor);
            throw new BlockException(Libc.LastError, "mmap of io_uring");
        }
        submissionHead = (uint*)(map + s.Head);
        submissionTail = (uint*)(map + s.Tail);
        submissionFlags = (uint*)(map + s.Flags);
        submissionMask = *(uint*)(map + s.Mask);
        completionHead = (uint*)(map + c.Head);
        completionTail = (uint*)(map + c.Tail);
        completionFlags = (uint*)(map + c.Flags);
        completionMask = *(uint*)(map + c.Mask);
        completions = (Libc.CompletionEntry*)(map + c.Entry);
        var array = (uint*)(map + s.Array);
        for (var i = 0u; i <= submissionMask; i++)
        {
            array[i] = i;
        }
        Capacity = (int)parameters.CompletionEntries;
        Event = Libc.EventFd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        var signal = Event;
        if (signal < 0 || Libc.RingRegister(descriptor, RegisterEvent, &signal, 1) < 0)
        {
            var status = Libc.LastError;
            Dispose();
            throw new BlockException(status, "eventfd of io_uring");
        }
    }

    public int Descriptor { get; }

    /// <summary>
    /// An eventfd that the kernel signals when there is something to take. The ring's own descriptor won't do: with deferred
    /// completions polling it misses wake-ups.
    /// </summary>
    public int Event { get; }

    /// <summary>How many requests may be under way so that no completion finds the ring full.</summary>
    public int Capacity { get; }

    /// <summary>Whether entries wait for <see cref="Enter"/>.</summary>
    public bool HasPending => pending > 0;

    /// <summary>Asks the kernel whether this process may use io_uring at all, without making one. Ok, or the errno of the refusal.</summary>
    public static IoStatus Probe()
    {
        var parameters = default(Libc.RingParameters);
        // A ring without entries is an argument error, but only for those who may have one.
        var result = Libc.RingSetup(0, &parameters);
        return result < 0 && (int)Libc.LastError != Libc.EINVAL ? Libc.LastError : IoStatus.Ok;
    }

    /// <summary>Makes one for the calling thread; throws <see cref="BlockException"/> when the kernel refuses.</summary>
    public static Ring Create(uint entries)
    {
        foreach (var flags in FlagSets)
        {
            var parameters = new Libc.RingParameters
            {
                Flags = flags | SetupClamp | SetupCompletionSize,
                CompletionEntries = entries * 8,
            };
            var descriptor = Libc.RingSetup(entries, &parameters);
            if (descriptor >= 0)
            {
                if ((parameters.Features & NeededFeatures) != NeededFeatures)
                {
                    _ = Libc.Close(descriptor);
                    throw new BlockException(IoStatus.NotImplementedByKernel, "io_uring_setup");
                }
                return new Ring(descriptor, parameters);
            }
            if ((int)Libc.LastError != Libc.EINVAL)
            {
                break;
            }
        }
        throw new BlockException(Libc.LastError, "io_uring_setup");
    }

    /// <summary>The next free entry, cleared, or null when the ring is full until the next <see cref="Enter"/>.</summary>
    public Libc.SubmissionEntry* Prepare()
    {
        var tail = *submissionTail + pending;
        if (tail - Volatile.Read(ref *submissionHead) > submissionMask)
        {
            return null;
        }
        pending++;
        var entry = entries + (tail & submissionMask);
        Unsafe.InitBlock(entry, 0, (uint)sizeof(Libc.SubmissionEntry));
        return entry;
    }

    /// <summary>Submits what was prepared and lets the kernel deliver completions. Does not wait.</summary>
    public void Enter()
    {
        var unsubmitted = *submissionTail + pending;
        Volatile.Write(ref *submissionTail, unsubmitted);
        pending = 0;
        var count = unsubmitted - Volatile.Read(ref *submissionHead);
        // EINTR, EAGAIN and EBUSY leave entries behind: they are counted again and go with the next call.
        _ = Libc.RingEnter(Descriptor, count, 0, EnterGetEvents);
    }

    /// <summary>Whether some entries were left behind by the kernel for want of memory and must be entered again.</summary>
    public bool HasLeftBehind => Volatile.Read(ref *submissionHead) != *submissionTail;

    /// <summary>Whether there is something to take, now or after an <see cref="Enter"/>.</summary>
    public bool HasWork =>
        *completionHead != Volatile.Read(ref *completionTail) || (Volatile.Read(ref *submissionFlags) & SubmissionTaskRun) != 0;

    /// <summary>
    /// Whether <see cref="Event"/> is signalled. Who does not sleep has no use for it, and the kernel would signal twice for each
    /// request: when it has ended and when its completion is delivered.
    /// </summary>
    public bool IsEventEnabled
    {
        set => Volatile.Write(ref *completionFlags, value ? 0 : CompletionEventDisabled);
    }

    /// <summary>Takes the oldest completion.</summary>
    public bool TryTake(out Libc.CompletionEntry completion)
    {
        var head = *completionHead;
        if (head == Volatile.Read(ref *completionTail))
        {
            completion = default;
            return false;
        }
        completion = completions[head & completionMask];
        Volatile.Write(ref *completionHead, head + 1);
        return true;
    }

    public void Dispose()
    {
        _ = Libc.Unmap(entries, entriesLength);
        _ = Libc.Unmap(map, mapLength);
        _ = Libc.Close(Descriptor);
        _ = Libc.Close(Event);
    }
}
