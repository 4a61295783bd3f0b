using Tidemark.Core.Channels;
using Tidemark.Qmp.Errors;

namespace Tidemark.Qmp.Dispatch;

/// <summary>
/// The descriptors that came with the requests of the client whose command runs. Of one client those of one message are kept at a time.
/// </summary>
public sealed class PassedDescriptors
{
    private int clients;

    /// <summary>Called when the last client has hung up.</summary>
    public Action Abandoned { get; set; } = static () => { };

    internal IDescriptorChannel? Sender { get; set; }

    /// <summary>The one that came, the caller's to close; others that came with it are closed. Throws when there is none.</summary>
    public int Take() =>
        Sender?.TakeDescriptor() is { } descriptor and >= 0
            ? descriptor
            : throw new QmpException("No file descriptor supplied via SCM_RIGHTS");

    internal void Enter(ByteChannel channel)
    {
        clients++;
        (channel as IDescriptorChannel)?.KeepDescriptors();
    }

    internal void Leave()
    {
        if (--clients == 0)
        {
            Abandoned();
        }
    }
}
