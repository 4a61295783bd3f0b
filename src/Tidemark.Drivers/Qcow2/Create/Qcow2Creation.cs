using System.Buffers.Binary;
using System.Numerics;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Memory;
using Tidemark.Core.Schema;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Refcounts;

namespace Tidemark.Drivers.Qcow2.Create;

/// <summary>
/// Makes images: an empty one of size 0 by hand, which the driver then opens and grows to its size. Three clusters begin it:
/// <code>
///   | header | refcount table | refcount block |  L1 table ...
/// </code>
/// </summary>
internal static class Qcow2Creation
{
    private const int FirstClusters = 3;

    /// <summary>Creation as the graph knows it.</summary>
    public static readonly ImageCreation Definition = new()
    {
        ParseOptions = static options => Qcow2CreateOptions.Codec.Parse(options, SchemaMode.Strict),
        Options = Qcow2CreateOptions.Codec,
        CreateAsync = static (graph, options) => CreateAsync(graph, ((Qcow2CreateOptions)options).Checked()),
        CreateFileAsync = CreateFileAsync,
        CommandLineOptions =
        [
            // In the order in which the reference prints them.
            new("cluster_size", CreateOptionType.Size, "qcow2 cluster size", "65536"),
            new("extended_l2", CreateOptionType.OnOff, "Extended L2 tables", "off"),
            new("preallocation", CreateOptionType.Text, "Preallocation mode (allowed values: off, metadata, falloc, full)"),
            new("compression_type", CreateOptionType.Text, "Compression method used for image cluster compression", "zlib"),
            new("size", CreateOptionType.Size, "Virtual disk size"),
            new("compat", CreateOptionType.Text, "Compatibility level (v2 [0.10] or v3 [1.1])"),
            new("backing_file", CreateOptionType.Text, "File name of a base image"),
            new("backing_fmt", CreateOptionType.Text, "Image format of the base image"),
            new("data_file", CreateOptionType.Text, "File name of an external data file"),
            new("data_file_raw", CreateOptionType.OnOff, "The external data file must stay valid as a raw image"),
            new("lazy_refcounts", CreateOptionType.OnOff, "Postpone refcount updates", "off"),
            new("refcount_bits", CreateOptionType.Number, "Width of a reference count entry in bits", "16"),
            new(
                "encryption",
                CreateOptionType.OnOff,
                "Encrypt the image with format 'aes'. (Deprecated in favor of encrypt.format=aes)"
            ),
            new("encrypt.format", CreateOptionType.Text, "Encrypt the image, format choices: 'aes', 'luks'"),
            new("encrypt.key-secret", CreateOptionType.Text, "ID of secret providing qcow AES key or LUKS passphrase"),
            new("encrypt.cipher-alg", CreateOptionType.Text, "Name of encryption cipher algorithm"),
            new("encrypt.cipher-mode", CreateOptionType.Text, "Name of encryption cipher mode"),
            new("encrypt.ivgen-alg", CreateOptionType.Text, "Name of IV generator algorithm"),
            new("encrypt.ivgen-hash-alg", CreateOptionType.Text, "Name of IV generator hash algorithm"),
            new("encrypt.hash-alg", CreateOptionType.Text, "Name of encryption hash algorithm"),
            new("encrypt.iter-time", CreateOptionType.Number, "Time to spend in PBKDF in milliseconds"),
        ],
    };

    private static async ValueTask CreateFileAsync(BlockGraph graph, string filename, JsonObject described)
    {
        var protocol = graph.Drivers.FindByFilename(filename) ?? graph.Drivers.Require("file");
        var file = FilenameParser.ToOptions(graph.Drivers, filename, protocol);
        var options = Qcow2CreateOptions.FromCommandLine(described, file).Checked();
        if (protocol.Creation is not { } creation)
        {
            throw new BlockException(BlockErrorKind.NotSupported, $"Driver '{protocol.Name}' does not support image creation");
        }
        await creation.CreateFileAsync(graph, filename, new JsonObject { ["size"] = 0 });
        try
        {
            await CreateAsync(graph, options);
        }
        catch (BlockException error) when (error.Status == IoStatus.FileTooBig)
        {
            throw new BlockException(
                BlockErrorKind.NoSpace,
                "The image size is too large for file format 'qcow2' (try using a larger cluster size)"
            )
            {
                Status = IoStatus.FileTooBig,
            };
        }
    }

    private static async ValueTask CreateAsync(BlockGraph graph, Qcow2CreateOptions options)
    {
        var inline = options.File.Definition;
        var file = inline is not null ? await graph.OpenAsync(inline) : graph.Require(options.File.Reference ?? "");
        try
        {
            await WriteEmptyAsync(file, options);
            await CompleteAsync(graph, file, options);
        }
        finally
        {
            if (inline is not null)
            {
                await graph.ReleaseAsync(file);
            }
        }
    }

    private static async ValueTask WriteEmptyAsync(BlockNode file, Qcow2CreateOptions options)
    {
        await using var backend = BlockBackend.Create(
            file,
            BlockPermissions.Write | BlockPermissions.Resize,
            BlockPermissions.All,
            description: "the creation of an image"
        );
        var clusterSize = (int)options.ClusterSize;
        if (backend.SizeBytes < FirstClusters * clusterSize)
        {
            await backend.TruncateAsync(FirstClusters * clusterSize, exact: false, PreallocationMode.Off);
        }
        using var clusters = AlignedBufferPool.Shared.Rent(FirstClusters * clusterSize);
        Describe(options, clusters.GetSpan());
        var range = new ByteRange(0, clusters.Length);
        Qcow2Image.Check(await backend.WriteAsync(range, clusters.Memory), "Could not write qcow2 header");
    }

    private static void Describe(Qcow2CreateOptions options, Span<byte> clusters)
    {
        clusters.Clear();
        var clusterSize = (int)options.ClusterSize;
        var header = new Qcow2Header
        {
            Version = options.HeaderVersion,
            ClusterBits = BitOperations.Log2((uint)clusterSize),
            RefcountOrder = BitOperations.Log2((uint)options.RefcountBits),
            RefcountTableOffset = clusterSize,
            RefcountTableClusters = 1,
            CompatibleFeatures = options.LazyRefcounts ? Qcow2Features.LazyRefcounts : 0,
            IncompatibleFeatures = options.Compression == CompressionType.Zlib ? 0 : Qcow2Features.CompressionType,
            CompressionType = options.Compression,
        };
        _ = header.Serialise(clusters[..clusterSize]);
        BinaryPrimitives.WriteInt64BigEndian(clusters[clusterSize..], 2L * clusterSize);
        for (var i = 0; i < FirstClusters; i++)
        {
            RefcountCodec.Set(clusters[(2 * clusterSize)..], header.RefcountOrder, i, 1);
        }
    }

    private static async ValueTask CompleteAsync(BlockGraph graph, BlockNode file, Qcow2CreateOptions options)
    {
        var node = await graph.OpenAsync(
            new JsonObject
            {
                ["driver"] = Qcow2Driver.Definition.Name,
                ["file"] = file.Name,
                ["read-only"] = false,
            }
        );
        try
        {
            await using var backend = BlockBackend.Create(
                node,
                BlockPermissions.Write | BlockPermissions.Resize,
                BlockPermissions.All,
                description: "the creation of an image"
            );
            await backend.TruncateAsync((long)options.Size, exact: false, options.PreallocationMode);
            if (options.BackingFile is { } backing)
            {
                await ((IBackingFileDriver)node.Driver).ChangeBackingFileAsync(backing, options.BackingFmt);
            }
            Qcow2Image.Check(await backend.FlushAsync(), "Could not write the image");
        }
        finally
        {
            await graph.ReleaseAsync(node);
        }
    }
}
