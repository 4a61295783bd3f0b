namespace Tidemark.Control.Transactions;

/// <summary>
/// An action that is prepared: from here on it can be made to hold or be undone, and neither can fail. Once all are prepared each is
/// confirmed, which may still fail. Exactly one of commit and abort is called, then clean.
/// </summary>
public class TransactionStep
{
    /// <summary>A step that needs nothing further.</summary>
    public static readonly TransactionStep Done = new();

    /// <summary>
    /// Does what can fail and can't be undone, such as writing to an image: after all actions were prepared, so that none of it happens
    /// for a transaction that one of them refuses. Throws as preparing does; all are undone then.
    /// </summary>
    public virtual ValueTask ConfirmAsync() => ValueTask.CompletedTask;

    /// <summary>Makes it hold. Called in the drained section, in the order of the actions.</summary>
    public virtual ValueTask CommitAsync() => ValueTask.CompletedTask;

    /// <summary>Puts everything back. Called in the drained section, in reverse order.</summary>
    public virtual ValueTask AbortAsync() => ValueTask.CompletedTask;

    /// <summary>Frees what was kept for either case.</summary>
    public virtual ValueTask CleanAsync() => ValueTask.CompletedTask;

    /// <summary>A step of which only undoing needs code.</summary>
    public static TransactionStep UndoBy(Action undo) => new Undoable(undo);

    private sealed class Undoable(Action undo) : TransactionStep
    {
        public override ValueTask AbortAsync()
        {
            undo();
            return ValueTask.CompletedTask;
        }
    }
}
