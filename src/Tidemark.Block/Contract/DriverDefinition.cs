using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Block.Contract;

/// <summary>All that the graph knows of a driver: its name, how its options are read, how a node of it is opened and an image made.</summary>
public sealed record DriverDefinition
{
    private readonly Func<SchemaCodec> optionsSource;

    private DriverDefinition(string name, DriverKind kind, Func<SchemaCodec> optionsSource)
    {
        Name = name;
        Kind = kind;
        this.optionsSource = optionsSource;
    }

    /// <summary>Name, as the option "driver" gives it.</summary>
    public string Name { get; }

    /// <summary>Protocol, format or filter.</summary>
    public DriverKind Kind { get; }

    /// <summary>
    /// Reads the driver's own options (not those that every node has) strictly; throws the schema's error for what is missing,
    /// unexpected or ill-typed. Called for the whole tree before anything is opened.
    /// </summary>
    public required Func<JsonObject, object> ParseOptions { get; init; }

    /// <summary>The schema of those options, by which whole trees are checked before anything is opened, and for query-qmp-schema.</summary>
    public SchemaCodec Options => optionsSource();

    /// <summary>Opens a node: attaches children, reads metadata. Throws <see cref="Core.Errors.BlockException"/>; children attached so far are closed by the caller.</summary>
    public required Func<NodeOpenContext, object, ValueTask<BlockDriver>> OpenAsync { get; init; }

    /// <summary>The names of members that are children: node names or inline options.</summary>
    public IReadOnlyList<string> ChildNames { get; init; } = [];

    /// <summary>How sure the driver is, 0 to 100, that a file beginning with these bytes is of its format.</summary>
    public Func<ReadOnlyMemory<byte>, string, int>? Probe { get; init; }

    /// <summary>Prefixes of file names that mean this protocol ("nbd:", "nbd+unix:").</summary>
    public IReadOnlyList<string> FilenamePrefixes { get; init; } = [];

    /// <summary>Whether a file name without any prefix means this protocol: a device node is not a file.</summary>
    public Func<string, bool>? ClaimsFilename { get; init; }

    /// <summary>Whether a file name alone can stand for such a node, so that a format over it goes by that name.</summary>
    public bool IsNamedByFile => FilenamePrefixes.Count > 0;

    /// <summary>Turns a file name of the protocol into its options.</summary>
    public Func<string, JsonObject>? ParseFilename { get; init; }

    /// <summary>How images are made, or null if they can't be.</summary>
    public ImageCreation? Creation => CreationSource?.Invoke();

    /// <summary>Gives <see cref="Creation"/> when it is asked for: most processes make no image of most formats.</summary>
    public Func<ImageCreation>? CreationSource { private get; init; }

    /// <summary>How options of an image are changed, or null if they can't be.</summary>
    public ImageAmendment? Amendment => AmendmentSource?.Invoke();

    /// <summary>Gives <see cref="Amendment"/> when it is asked for, as <see cref="CreationSource"/> does.</summary>
    public Func<ImageAmendment>? AmendmentSource { private get; init; }

    /// <summary>Whether a node of it may have a backing file.</summary>
    public bool SupportsBacking { get; init; }

    /// <summary>Whether a node of it can go on under other options at all (blockdev-reopen).</summary>
    public bool CanReopen { get; init; } = true;

    /// <summary>Options of its own that <see cref="BlockDriver.PrepareReopenAsync"/> can change; the others stay as they are.</summary>
    public IReadOnlyList<string> ChangeableOptions { get; init; } = [];

    /// <summary>Those of them that a reopen may leave out, to go back to their defaults.</summary>
    public IReadOnlyList<string> ResettableOptions { get; init; } = [];

    /// <summary>A driver whose options are <typeparamref name="TOptions"/>; how they are read is asked for when a node is opened.</summary>
    public static DriverDefinition For<TOptions>(
        string name,
        DriverKind kind,
        Func<SchemaCodec<TOptions>> codec,
        Func<NodeOpenContext, TOptions, ValueTask<BlockDriver>> open
    )
        where TOptions : class =>
        new(name, kind, codec)
        {
            ParseOptions = options =>
                codec()
                    .Read(
                        new SchemaReader(SchemaMode.Lenient)
                        {
                            UnknownMember = option => SayUnknown(name, kind, option),
                            MissingMember = static option =>
                                option is "file" or "image" ? $"A block device must be specified for \"{option}\"" : null,
                        },
                        options
                    ),
            OpenAsync = (context, options) => open(context, (TOptions)options),
        };

    // blkdebug has names for files, which makes it a protocol here.
    private static string SayUnknown(string name, DriverKind kind, string option) =>
        kind == DriverKind.Protocol || name == "blkdebug"
            ? $"Block protocol '{name}' doesn't support the option '{option}'"
            : $"Block format '{name}' does not support the option '{option}'";
}
