using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Io.Descriptors;

namespace Tidemark.Io.Linux;

/// <summary>
/// A file of the kernel. What can't block is done in line, complete on return: everything on tmpfs, reads that the page
/// cache holds, buffered writes. The rest goes to the ring or to a worker. Which is which was probed at the open.
/// <code>
///                 tmpfs      buffered            direct
///   read          in line    cached part, rest → ring
///   write         in line    in line             → ring
///   others        in line    → worker            → worker
/// </code>
/// Requests above <see cref="InlineBytes"/> never run in line: the loop has others to serve.
/// </summary>
internal sealed unsafe partial class KernelFile : StorageFile
{
    /// <summary>Largest request that the loop copies itself (about 100 µs).</summary>
    internal const int InlineBytes = 1 << 20;

    private readonly KernelEngine engine;
    private readonly FileTraits traits;
    private readonly DescriptorSet? origin;
    private int underWay;
    private bool isClosed;

    public KernelFile(KernelEngine engine, string path, int descriptor, FileTraits traits, DescriptorSet? origin = null)
    {
        this.engine = engine;
        this.traits = traits;
        this.origin = origin;
        Path = path;
        Descriptor = descriptor;
    }

    public override string Path { get; }
    public override FileKind Kind => traits.Kind;
    public override int RequestAlignment => traits.RequestAlignment;
    public override int MemoryAlignment => traits.MemoryAlignment;

    public int Descriptor { get; }
    public bool IsMemory => traits.IsMemory;
    public bool IsDirect => traits.IsDirect;
    public bool IsRegular => Kind == FileKind.Regular;
    public bool IsBlockDevice => Kind == FileKind.BlockDevice;

    public override long GetLength() => FileProbe.LengthOf(Descriptor, Kind);

    public override long GetAllocatedLength() => Libc.Facts(Descriptor)?.AllocatedBytes ?? 0;

    public override ValueTask DisposeAsync()
    {
        if (isClosed)
        {
            return ValueTask.CompletedTask;
        }
        Invariant.That(underWay == 0, "a file is closed when its requests have ended");
        isClosed = true;
        engine.Forget(this);
        if (origin?.Return() == true)
        {
            ReleaseLocks();
        }
        // Closing the only descriptor of the open file description releases its locks.
        _ = Libc.Close(Descriptor);
        return ValueTask.CompletedTask;
    }

    /// <summary>Whether the file ends at <paramref name="offset"/> or before it.</summary>
    internal bool EndsBy(long offset) => GetLength() <= offset;

    internal void Enter()
    {
        Invariant.That(!isClosed, "a closed file gets no requests");
        underWay++;
    }

    internal void Leave() => underWay--;

    private FileOperation Rent(FileVerb verb, long offset, long length)
    {
        Enter();
        var operation = engine.Rent();
        operation.File = this;
        operation.Verb = verb;
        operation.Offset = offset;
        operation.Length = length;
        return operation;
    }

    private ValueTask<IoStatus> Start(FileOperation operation)
    {
        engine.Start(operation);
        return operation.Task;
    }
}
