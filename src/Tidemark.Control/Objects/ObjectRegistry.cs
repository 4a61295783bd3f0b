using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Objects;

/// <summary>The objects that users made, by id. Belongs to the graph's loop.</summary>
public sealed class ObjectRegistry(BlockGraph graph)
{
    /// <summary>Threads of a pool at most, where nothing else is said (reference: thread-pool-max).</summary>
    internal const long DefaultPoolMax = 64;

    private readonly SortedDictionary<string, ObjectOptions> objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> secrets = new(StringComparer.Ordinal);

    /// <summary>All objects, by id.</summary>
    internal IEnumerable<ObjectOptions> All => objects.Values;

    /// <summary>Whether there ever was an object.</summary>
    internal bool WasUsed { get; private set; }

    /// <summary>The object of that id, or null.</summary>
    public ObjectOptions? Find(string id) => objects.GetValueOrDefault(id);

    /// <summary>The bytes of the secret of that id, or null.</summary>
    public ReadOnlyMemory<byte>? FindSecret(string id) =>
        secrets.TryGetValue(id, out var bytes) ? new ReadOnlyMemory<byte>(bytes) : default(ReadOnlyMemory<byte>?);

    /// <summary>Makes an object; throws <see cref="BlockException"/> in the reference's words, with nothing made.</summary>
    public void Add(ObjectOptions options)
    {
        if (!Identifier.IsWellFormed(options.Id))
        {
            throw Invalid("Parameter 'id' expects an identifier");
        }
        if (options is ObjectOptions.Iothread thread)
        {
            Check(thread);
        }
        if (options is ObjectOptions.ThrottleGroup legacy)
        {
            CheckLegacy(legacy);
        }
        if (objects.ContainsKey(options.Id))
        {
            throw Invalid($"attempt to add duplicate property '{options.Id}' to object (type 'container')");
        }
        if (options is ObjectOptions.Secret secret)
        {
            secrets.Add(secret.Id, SecretReader.Read(secret, RequireSecret));
        }
        if (options is ObjectOptions.ThrottleGroup group)
        {
            options = AddGroup(group);
        }
        objects.Add(options.Id, options);
        WasUsed = true;
    }

    /// <summary>Takes an object away; throws <see cref="BlockException"/> when there is none, or it is in use.</summary>
    public void Remove(string id)
    {
        if (!objects.TryGetValue(id, out var options))
        {
            throw new BlockException(BlockErrorKind.NotFound, $"object '{id}' not found");
        }
        if (options is ObjectOptions.ThrottleGroup)
        {
            if (graph.ThrottleGroups.Find(id) is { IsInUse: true })
            {
                throw new BlockException(BlockErrorKind.InUse, $"object '{id}' is in use, can not be deleted");
            }
            graph.ThrottleGroups.Remove(id);
        }
        _ = objects.Remove(id);
        _ = secrets.Remove(id);
    }

    /// <summary>
    /// Gives an object other options. A thread's and a group's hold at once; a secret that has been read stays what it was. Throws
    /// <see cref="BlockException"/> with nothing changed.
    /// </summary>
    internal void Change(ObjectOptions changed)
    {
        switch (changed)
        {
            case ObjectOptions.Iothread thread:
                Check(thread);
                break;
            case ObjectOptions.ThrottleGroup { Limits: { } limits }:
                var settings = limits.ToSettings();
                settings.Check();
                graph.ThrottleGroups.Require(changed.Id).Configure(settings);
                break;
        }
        objects[changed.Id] = changed;
    }

    /// <summary>Makes the group; its options are from then on what <c>Limits</c> say, all of them.</summary>
    private ObjectOptions.ThrottleGroup AddGroup(ObjectOptions.ThrottleGroup options)
    {
        if (graph.ThrottleGroups.Find(options.Id) is not null)
        {
            // That of a drive.
            throw Invalid("A group with this name already exists");
        }
        var settings = options.Legacy.Over(options.Limits ?? new ThrottleLimits()).ToSettings();
        _ = graph.ThrottleGroups.Add(options.Id, settings);
        return new ObjectOptions.ThrottleGroup(options.Id, ThrottleLimits.Of(settings));
    }

    private static void CheckLegacy(ObjectOptions.ThrottleGroup options)
    {
        foreach (var (name, value) in options.LegacyMembers)
        {
            if (value < 0)
            {
                throw Invalid("Property values cannot be negative");
            }
            if (value > uint.MaxValue && name.EndsWith("-max-length", StringComparison.Ordinal))
            {
                // The reference's words run together there.
                throw Invalid($"{name} value must be in therange [0, {uint.MaxValue}]");
            }
        }
    }

    private static void Check(ObjectOptions.Iothread thread)
    {
        CheckRange("poll-max-ns", thread.PollMaxNs);
        CheckRange("poll-grow", thread.PollGrow);
        CheckRange("poll-shrink", thread.PollShrink);
        CheckRange("aio-max-batch", thread.AioMaxBatch);
        CheckRange("thread-pool-min", thread.ThreadPoolMin);
        CheckRange("thread-pool-max", thread.ThreadPoolMax);
        var most = thread.ThreadPoolMax ?? DefaultPoolMax;
        if (most == 0 || thread.ThreadPoolMin > most)
        {
            throw Invalid("bad thread-pool-min/thread-pool-max values");
        }
    }

    private byte[] RequireSecret(string id) =>
        secrets.TryGetValue(id, out var bytes) ? bytes
        : objects.ContainsKey(id) ? throw Invalid($"Object with id '{id}' is not a secret")
        : throw Invalid($"No secret with id '{id}'");

    private static void CheckRange(string name, long? value)
    {
        if (value < 0)
        {
            throw Invalid($"{name} value must be in range [0, {long.MaxValue}]");
        }
    }

    private static BlockException Invalid(string text) => new(BlockErrorKind.InvalidOptions, text);
}
