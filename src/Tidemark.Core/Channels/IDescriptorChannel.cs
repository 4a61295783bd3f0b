namespace Tidemark.Core.Channels;

/// <summary>A channel whose peer may pass file descriptors along with its bytes (unix sockets: SCM_RIGHTS).</summary>
public interface IDescriptorChannel
{
    /// <summary>
    /// From now on those descriptors are kept that came with the last message that had any; without this, all are closed as they come.
    /// </summary>
    void KeepDescriptors();

    /// <summary>Takes the first of those kept, the caller's to close; the others are closed. -1 when there is none.</summary>
    int TakeDescriptor();
}
