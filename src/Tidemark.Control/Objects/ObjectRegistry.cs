using Tidemark.Core.Errors;

namespace Tidemark.Control.Objects;

/// <summary>The objects that users made, by id.</summary>
public sealed class ObjectRegistry
{
    /// <summary>Threads of a pool at most, where nothing else is said (reference: thread-pool-max).</summary>
    private const long DefaultPoolMax = 64;

    private readonly Dictionary<string, ObjectOptions> objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> secrets = new(StringComparer.Ordinal);

    /// <summary>The object of that id, or null.</summary>
    public ObjectOptions? Find(string id) => objects.GetValueOrDefault(id);

    /// <summary>The bytes of the secret of that id, or null.</summary>
    public ReadOnlyMemory<byte>? FindSecret(string id) =>
        secrets.TryGetValue(id, out var bytes) ? new ReadOnlyMemory<byte>(bytes) : default(ReadOnlyMemory<byte>?);

    /// <summary>Makes an object; throws <see cref="BlockException"/> in the reference's words, with nothing made.</summary>
    public void Add(ObjectOptions options)
    {
        if (options.Id.Length == 0 || !char.IsAsciiLetter(options.Id[0]) || !options.Id.All(IsIdCharacter))
        {
            throw Invalid("Parameter 'id' expects an identifier");
        }
        if (options is ObjectOptions.Iothread thread)
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
        if (objects.ContainsKey(options.Id))
        {
            throw Invalid($"attempt to add duplicate property '{options.Id}' to object (type 'container')");
        }
        if (options is ObjectOptions.Secret secret)
        {
            secrets.Add(secret.Id, SecretReader.Read(secret, RequireSecret));
        }
        objects.Add(options.Id, options);
    }

    /// <summary>Takes an object away; throws <see cref="BlockException"/> when there is none.</summary>
    public void Remove(string id)
    {
        if (!objects.Remove(id))
        {
            throw new BlockException(BlockErrorKind.NotFound, $"object '{id}' not found");
        }
        _ = secrets.Remove(id);
    }

    private byte[] RequireSecret(string id) =>
        secrets.TryGetValue(id, out var bytes) ? bytes
        : objects.ContainsKey(id) ? throw Invalid($"Object with id '{id}' is not a secret")
        : throw Invalid($"No secret with id '{id}'");

    private static bool IsIdCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_';

    private static void CheckRange(string name, long? value)
    {
        if (value < 0)
        {
            throw Invalid($"{name} value must be in range [0, {long.MaxValue}]");
        }
    }

    private static BlockException Invalid(string text) => new(BlockErrorKind.InvalidOptions, text);
}
