using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Qmp.Dispatch;

/// <summary>One command of the wire. It runs on the loop, alone: the dispatcher runs one at a time, whichever monitor asked.</summary>
public abstract class QmpCommand(string name)
{
    /// <summary>Name on the wire.</summary>
    public string Name { get; } = name;

    /// <summary>Whether clients may ask for it out of band; then it must not wait for anything.</summary>
    public virtual bool AllowsOutOfBand => false;

    /// <summary>"unstable", "deprecated" and the like, for the schema.</summary>
    public virtual IReadOnlyList<string> Features => [];

    /// <summary>The arguments' type.</summary>
    public abstract SchemaCodec ArgumentsCodec { get; }

    /// <summary>The result's type.</summary>
    public abstract SchemaCodec ResultCodec { get; }

    /// <summary>
    /// Checks the arguments and runs. Throws <see cref="Errors.QmpException"/> or <see cref="Core.Errors.BlockException"/>, and has
    /// changed nothing then.
    /// </summary>
    public abstract ValueTask<JsonValue> ExecuteAsync(JsonObject given, SchemaDefinitions definitions);
}

/// <summary>A command with a result.</summary>
public abstract class QmpCommand<TArguments, TResult>(string name, SchemaCodec<TArguments> arguments, SchemaCodec<TResult> result)
    : QmpCommand(name)
{
    /// <inheritdoc/>
    public sealed override SchemaCodec ArgumentsCodec => arguments;

    /// <inheritdoc/>
    public sealed override SchemaCodec ResultCodec => result;

    /// <inheritdoc/>
    public sealed override async ValueTask<JsonValue> ExecuteAsync(JsonObject given, SchemaDefinitions definitions)
    {
        var parsed = arguments.Parse(given, SchemaMode.Strict, definitions);
        return result.Write(await RunAsync(parsed));
    }

    /// <summary>Does what the command is for.</summary>
    protected abstract ValueTask<TResult> RunAsync(TArguments arguments);
}

/// <summary>A command whose result is nothing.</summary>
public abstract class QmpCommand<TArguments>(string name, SchemaCodec<TArguments> arguments) : QmpCommand(name)
{
    /// <inheritdoc/>
    public sealed override SchemaCodec ArgumentsCodec => arguments;

    /// <inheritdoc/>
    public sealed override SchemaCodec ResultCodec => NoArguments.Codec;

    /// <inheritdoc/>
    public sealed override async ValueTask<JsonValue> ExecuteAsync(JsonObject given, SchemaDefinitions definitions)
    {
        await RunAsync(arguments.Parse(given, SchemaMode.Strict, definitions));
        return new JsonObject();
    }

    /// <summary>Does what the command is for.</summary>
    protected abstract ValueTask RunAsync(TArguments arguments);
}
