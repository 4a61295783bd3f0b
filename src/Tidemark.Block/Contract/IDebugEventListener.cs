namespace Tidemark.Block.Contract;

/// <summary>A driver that wants to know what the node above is about to do: blkdebug.</summary>
public interface IDebugEventListener
{
    /// <summary>The node above is at this point; its work goes on when the task ends.</summary>
    ValueTask OnDebugEventAsync(DebugEvent happening);
}
