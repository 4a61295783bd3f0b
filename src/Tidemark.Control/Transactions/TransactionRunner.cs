namespace Tidemark.Control.Transactions;

/// <summary>
/// Runs actions so that all hold or none does, at one point in time (contract T1, T4): one drained section around preparing all
/// and committing all. What one of them refuses undoes those before it, in reverse.
/// </summary>
internal static class TransactionRunner
{
    public static async ValueTask RunAsync(TransactionScope scope, IReadOnlyList<BoundAction> actions, bool drain)
    {
        await scope.Context.Transactions.EnterAsync();
        try
        {
            using var section = drain ? await scope.Context.Graph.DrainAllAsync() : null;
            await RunDrainedAsync(scope, actions);
        }
        finally
        {
            scope.Context.Transactions.Exit();
        }
    }

    private static async ValueTask RunDrainedAsync(TransactionScope scope, IReadOnlyList<BoundAction> actions)
    {
        var steps = new Stack<TransactionStep>();
        try
        {
            foreach (var (action, data) in actions)
            {
                steps.Push(await action.PrepareUntypedAsync(data, scope));
            }
            foreach (var step in steps.Reverse())
            {
                await step.ConfirmAsync();
            }
        }
        catch
        {
            // Whatever it was, a fault of ours among it: nothing may stay half done.
            foreach (var step in steps)
            {
                await step.AbortAsync();
            }
            await CleanAllAsync(steps);
            throw;
        }
        foreach (var step in steps.Reverse())
        {
            await step.CommitAsync();
        }
        await CleanAllAsync(steps);
    }

    private static async ValueTask CleanAllAsync(Stack<TransactionStep> steps)
    {
        foreach (var step in steps.Reverse())
        {
            await step.CleanAsync();
        }
    }
}
