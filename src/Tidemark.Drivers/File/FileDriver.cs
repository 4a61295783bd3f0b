using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Io.Contract;
using Tidemark.Io.Linux;

namespace Tidemark.Drivers.File;

/// <summary>Drivers "file" and "host_device": a file, or a device, of the host. See README.md.</summary>
internal sealed partial class FileDriver : BlockDriver
{
    // The reference counts sizes in sectors; both programs must see an image alike.
    private const int Sector = 512;

    public static readonly DriverDefinition Definition = DriverDefinition.For<FileOptions>(
        "file",
        DriverKind.Protocol,
        static () => FileOptions.Codec,
        OpenAsync
    ) with
    {
        FilenamePrefixes = [FileFilename.Prefix],
        ParseFilename = FileFilename.Parse,
        CreationSource = static () => FileCreation.Definition,
    };

    public static readonly DriverDefinition DeviceDefinition = DriverDefinition.For<FileOptions>(
        "host_device",
        DriverKind.Protocol,
        static () => FileOptions.Codec,
        OpenAsync
    ) with
    {
        FilenamePrefixes = [FileFilename.DevicePrefix],
        ClaimsFilename = HostPaths.IsDevice,
        ParseFilename = FileFilename.Parse,
        CreationSource = static () => DeviceCreation.Definition,
    };

    private readonly FileOptions options;
    private StorageFile file;
    private FileLocks? locks;
    private long length;

    // The run of data found last. Looking for its end may mean looking at every page of it, and that it is data stays a right
    // answer until this driver makes a hole; someone else's hole would read as the zeroes that are in it.
    private (long Start, long End) knownData;

    private FileDriver(BlockNode node, FileOptions options, StorageFile file)
        : base(node)
    {
        this.options = options;
        this.file = file;
        length = file.GetLength();
        locks = CreateLocks(file);
    }

    public override long SizeBytes => Alignment.Up(length, Sector);

    public override BlockLimits Limits =>
        new() { RequestAlignment = file.RequestAlignment, MemoryAlignment = file.MemoryAlignment };

    public override bool CanGrow => !file.IsDevice;

    public override StorageFile HostFile => file;

    public override HostPlace? FindHostPlace(ByteRange range) => range.End <= length ? new HostPlace(file, range.Offset) : null;

    public override long AllocatedBytes => file.GetAllocatedLength();

    public override string ExactFilename => options.Filename;

    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags) =>
        (flags & RequestFlags.Background) == 0
            ? file.ReadAsync(range.Offset, target)
            : file.ReadInBackgroundAsync(range.Offset, target);

    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        var task =
            (flags & RequestFlags.Background) == 0
                ? file.WriteAsync(range.Offset, data)
                : file.WriteInBackgroundAsync(range.Offset, data);
        if (range.End <= length)
        {
            return task;
        }
        if (!task.IsCompletedSuccessfully)
        {
            return GrowAsync(task, range.End);
        }
        var status = task.Result;
        Grown(status, range.End);
        return new(status);
    }

    public override ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags)
    {
        knownData = default;
        var task = file.WriteZeroesAsync(range.Offset, range.Length, (flags & RequestFlags.MayUnmap) != 0);
        return range.End <= length ? task : GrowAsync(task, range.End);
    }

    public override ValueTask<IoStatus> CopyFromHostAsync(ByteRange range, StorageFile source, long sourceOffset) =>
        range.End > length ? new(IoStatus.NotSupported) : file.CopyFromAsync(source, sourceOffset, range.Offset, range.Length);

    public override ValueTask<IoStatus> FlushToDiskAsync() => file.FlushAsync();

    public override ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero)
    {
        if (!wantZero)
        {
            return Answer(BlockStatusFlags.Data, range.Length, range);
        }
        if (range.Offset >= knownData.Start && range.Offset < knownData.End)
        {
            return Answer(BlockStatusFlags.Data, Math.Min(knownData.End - range.Offset, range.Length), range);
        }
        var extent = file.FindExtent(range.Offset);
        if (extent.IsData)
        {
            knownData = (range.Offset, Alignment.Down(range.Offset + extent.Length, Sector));
        }
        if (extent.Length == 0)
        {
            // Behind the end, in the rest of the last sector.
            return Answer(BlockStatusFlags.Zero, range.Length, range);
        }
        var found = Math.Min(Alignment.Up(extent.Length, file.RequestAlignment), range.Length);
        if (range.Offset + extent.Length == length)
        {
            found =
                range.Length < Alignment.Up(length, Sector) - range.Offset
                    ? Math.Min(found, range.Length)
                    : Alignment.Up(length, Sector) - range.Offset;
        }
        return Answer(extent.IsData ? BlockStatusFlags.Data : BlockStatusFlags.Zero, found, range);
    }

    public override async ValueTask TruncateAsync(long sizeBytes, bool exact, PreallocationMode preallocation)
    {
        knownData = default;
        if (file.IsDevice)
        {
            CheckDeviceSize(sizeBytes, exact, preallocation);
            return;
        }
        await FileCreation.ResizeAsync(file, length, sizeBytes, preallocation);
        length = sizeBytes;
    }

    public override void CheckPermissions(BlockPermissions required, BlockPermissions shared) => locks?.Prepare(required, shared);

    public override void SetPermissions(BlockPermissions required, BlockPermissions shared) => locks?.Settle(required, shared);

    public override void AbortPermissions() => locks?.Abort();

    public override ValueTask CloseAsync() => file.DisposeAsync();

    private ValueTask<BlockStatus> Answer(BlockStatusFlags flags, long found, ByteRange range) =>
        new(new BlockStatus(IoStatus.Ok, flags | BlockStatusFlags.OffsetValid, found, range.Offset, Node));

    private async ValueTask<IoStatus> GrowAsync(ValueTask<IoStatus> task, long end)
    {
        var status = await task;
        Grown(status, end);
        return status;
    }

    private void Grown(IoStatus status, long end) =>
        length = status == IoStatus.Ok ? Math.Max(length, end) : Math.Max(length, file.GetLength());

    private void CheckDeviceSize(long sizeBytes, bool exact, PreallocationMode preallocation)
    {
        if (preallocation != PreallocationMode.Off)
        {
            throw new BlockException(BlockErrorKind.NotSupported, "Preallocation mode not supported for non-regular files");
        }
        if (exact && sizeBytes != length)
        {
            throw new BlockException(BlockErrorKind.NotSupported, "Cannot resize device files");
        }
        if (sizeBytes > length)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Cannot grow device files");
        }
    }
}
