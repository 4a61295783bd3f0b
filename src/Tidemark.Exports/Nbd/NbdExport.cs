using System.Text;
using Tidemark.Bitmaps;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Nbd.Handshake;
using Tidemark.Nbd.MetaContext;
using NbdLimits = Tidemark.Nbd.Limits;

namespace Tidemark.Exports.Nbd;

/// <summary>A node offered over the NBD server.</summary>
internal sealed class NbdExport : BlockExport
{
    private readonly NbdServer server;
    private readonly DirtyBitmap[] bitmaps;
    private readonly List<NbdConnection> connections = [];
    private readonly LoopSignal connectionEnded = new();
    private readonly LoopSignal ended = new();
    private bool isClosed;

    private NbdExport(NbdExportOptions options, BlockBackend backend, DirtyBitmap[] bitmaps, NbdServer server)
        : base(options.Id, backend)
    {
        this.server = server;
        this.bitmaps = bitmaps;
        IsWritable = options.Writable;
        IsWritethrough = options.Writethrough;
        Offer = new Offered(this, options.Name ?? options.NodeName, options.Description, ListContexts(options, bitmaps));
    }

    /// <inheritdoc/>
    public override string Type => "nbd";

    /// <inheritdoc/>
    public override int Clients => connections.Count;

    /// <summary>Whether clients may write.</summary>
    public bool IsWritable { get; }

    /// <summary>Whether each write is durable before it is acknowledged.</summary>
    public bool IsWritethrough { get; }

    /// <summary>What the handshake sees.</summary>
    public Offered Offer { get; }

    /// <summary>Size of the node, bytes.</summary>
    public long SizeBytes => Backend.SizeBytes;

    /// <summary>Takes hold of <paramref name="node"/> and its bitmaps and appears on <paramref name="server"/>. Throws <see cref="BlockException"/>, then nothing has changed.</summary>
    public static NbdExport Create(BlockNode node, NbdExportOptions options, NbdServer server)
    {
        var name = options.Name ?? options.NodeName;
        RequireLength("export name", name);
        RequireLength("description", options.Description ?? "");
        if (server.Find(name) is not null)
        {
            throw new BlockException(BlockErrorKind.InUse, $"NBD server already has export named '{name}'");
        }
        var found = FindBitmaps(node, options);
        var required = BlockPermissions.ConsistentRead | (options.Writable ? BlockPermissions.Write : BlockPermissions.None);
        var backend = BlockBackend.Create(
            node,
            required,
            BlockPermissions.All & ~BlockPermissions.Resize,
            allowsInactive: options.AllowInactive
        );
        foreach (var bitmap in found.Distinct())
        {
            bitmap.Lock();
        }
        var export = new NbdExport(options, backend, found, server);
        server.Add(export);
        return export;
    }

    /// <summary>The bitmap behind a metadata context that is one.</summary>
    public DirtyBitmap BitmapOf(uint contextId) => bitmaps[contextId - NbdContextIds.FirstBitmap];

    /// <summary>A client came.</summary>
    public void Attach(NbdConnection connection) => connections.Add(connection);

    /// <summary>A client is gone, and nothing that it began is under way.</summary>
    public void Detach(NbdConnection connection)
    {
        _ = connections.Remove(connection);
        connectionEnded.Wake();
    }

    internal override async ValueTask CloseAsync()
    {
        if (IsShuttingDown)
        {
            while (!isClosed)
            {
                await ended.WaitAsync();
            }
            return;
        }
        IsShuttingDown = true;
        server.Remove(this);
        foreach (var connection in connections)
        {
            connection.CutOff();
        }
        while (connections.Count > 0)
        {
            await connectionEnded.WaitAsync();
        }
        foreach (var bitmap in bitmaps.Distinct())
        {
            bitmap.Unlock();
        }
        await Backend.DisposeAsync();
        isClosed = true;
        ended.Wake();
    }

    private static DirtyBitmap[] FindBitmaps(BlockNode node, NbdExportOptions options)
    {
        List<DirtyBitmap> found = [];
        foreach (var reference in options.Bitmaps ?? [])
        {
            var bitmap = Find(node, reference);
            bitmap.Check(BitmapAccess.Read);
            if (!options.Writable && bitmap.IsRecording && !node.IsReadOnly)
            {
                throw new BlockException(
                    BlockErrorKind.InvalidOptions,
                    $"Enabled bitmap '{bitmap.Name}' incompatible with readonly export"
                );
            }
            found.Add(bitmap);
        }
        return [.. found];
    }

    private static DirtyBitmap Find(BlockNode node, NbdBitmapReference reference)
    {
        if (reference.NodeName is { } nodeName)
        {
            return node.Graph.TryFind(nodeName, out var other)
                ? other.Bitmaps.Find(reference.Name)
                    ?? throw new BlockException(BlockErrorKind.NotFound, $"Dirty bitmap '{reference.Name}' not found")
                : throw new BlockException(BlockErrorKind.NotFound, $"Node '{nodeName}' not found");
        }
        for (var at = node; at is not null; at = at.NextInChain)
        {
            if (at.Bitmaps.Find(reference.Name) is { } bitmap)
            {
                return bitmap;
            }
        }
        throw new BlockException(BlockErrorKind.NotFound, $"Bitmap '{reference.Name}' is not found");
    }

    private static OfferedContext[] ListContexts(NbdExportOptions options, DirtyBitmap[] bitmaps)
    {
        List<OfferedContext> contexts = [new(NbdContextIds.BaseAllocation, ContextNames.BaseAllocation)];
        if (options.AllocationDepth)
        {
            contexts.Add(new(NbdContextIds.AllocationDepth, ContextNames.AllocationDepth));
        }
        for (var i = 0; i < bitmaps.Length; i++)
        {
            // Only named bitmaps can be asked for, so that they all have one.
            contexts.Add(new(NbdContextIds.FirstBitmap + (uint)i, ContextNames.DirtyBitmap(bitmaps[i].Name!)));
        }
        return [.. contexts];
    }

    private static void RequireLength(string what, string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > NbdLimits.MaxStringBytes)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"{what} '{text}' too long");
        }
    }

    /// <summary>The export as the handshake sees it.</summary>
    internal sealed class Offered(NbdExport export, string name, string? description, OfferedContext[] contexts) : OfferedExport
    {
        /// <summary>The export itself.</summary>
        public NbdExport Export => export;

        /// <inheritdoc/>
        public override string Name => name;

        /// <inheritdoc/>
        public override string? Description => description;

        /// <inheritdoc/>
        public override IReadOnlyList<OfferedContext> Contexts => contexts;

        /// <inheritdoc/>
        public override ExportInfo Describe()
        {
            var flags = TransmissionFlags.HasFlags | TransmissionFlags.Flush | TransmissionFlags.Fua | TransmissionFlags.Cache;
            flags |= export.IsWritable
                ? TransmissionFlags.Trim | TransmissionFlags.WriteZeroes | TransmissionFlags.FastZero
                : TransmissionFlags.ReadOnly;
            if (export.server.Options.MaxConnections != 1)
            {
                // All connections go to the same node: what one has flushed, all see.
                flags |= TransmissionFlags.MultiConnection;
            }
            var limits = export.Node.Limits;
            var minimum = (uint)Math.Min(limits.RequestAlignment, NbdLimits.MaxMinimumBlockBytes);
            var longest =
                limits.MaxTransfer == 0 ? NbdLimits.MaxPayloadBytes : Math.Min(limits.MaxTransfer, NbdLimits.MaxPayloadBytes);
            return new ExportInfo(
                export.SizeBytes,
                flags,
                minimum,
                Math.Max(NbdLimits.PreferredBlockBytes, minimum),
                Math.Max((uint)longest, Math.Max(NbdLimits.PreferredBlockBytes, minimum))
            );
        }
    }
}
