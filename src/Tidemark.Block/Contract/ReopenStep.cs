namespace Tidemark.Block.Contract;

/// <summary>The second half of a reopen that has been prepared: exactly one of the two is called, once.</summary>
public class ReopenStep
{
    /// <summary>Nothing to do either way.</summary>
    public static readonly ReopenStep Nothing = new();

    /// <summary>Goes over to the new options. Can't fail: what can belongs into the preparation.</summary>
    public virtual ValueTask CommitAsync() => ValueTask.CompletedTask;

    /// <summary>Goes back.</summary>
    public virtual ValueTask AbortAsync() => ValueTask.CompletedTask;
}
