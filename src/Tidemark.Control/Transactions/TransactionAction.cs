using Tidemark.Core.Schema;

namespace Tidemark.Control.Transactions;

/// <summary>A kind of action that a transaction may have: its name, its data, and how it is prepared.</summary>
public abstract class TransactionAction(string name)
{
    /// <summary>Name on the wire.</summary>
    public string Name { get; } = name;

    /// <summary>The type of its data.</summary>
    public abstract SchemaCodec Data { get; }

    /// <summary>
    /// Whether no request of a guest may pass between its preparation and its commit even when it is run alone. In a transaction none
    /// does anyway.
    /// </summary>
    public virtual bool NeedsDrain => false;

    /// <summary>Reads its data; the result goes to <see cref="PrepareUntypedAsync"/>.</summary>
    internal abstract object Read(ObjectReader reader);

    /// <summary>
    /// Checks everything and does what can be undone. Throws <see cref="Qmp.Errors.QmpException"/> or
    /// <see cref="Core.Errors.BlockException"/>, with nothing changed.
    /// </summary>
    internal abstract ValueTask<TransactionStep> PrepareUntypedAsync(object data, TransactionScope scope);
}

/// <summary>An action whose data is <typeparamref name="TData"/>.</summary>
public abstract class TransactionAction<TData>(string name, SchemaCodec<TData> codec) : TransactionAction(name)
    where TData : class
{
    /// <inheritdoc/>
    public sealed override SchemaCodec Data => codec;

    internal sealed override object Read(ObjectReader reader) => reader.Required("data", codec);

    internal sealed override ValueTask<TransactionStep> PrepareUntypedAsync(object data, TransactionScope scope) =>
        PrepareAsync((TData)data, scope);

    /// <summary>See <see cref="TransactionAction.PrepareUntypedAsync"/>.</summary>
    protected abstract ValueTask<TransactionStep> PrepareAsync(TData data, TransactionScope scope);
}
