using Tidemark.Core.Channels;
using Tidemark.Core.Errors;

namespace Tidemark.Io.Contract;

/// <summary>
/// A stream socket of one loop. Beyond the stream it sends a header together with its payload, and the content of a file
/// without a copy through this process.
/// </summary>
public abstract class SocketChannel : ByteChannel
{
    /// <summary>
    /// Sends <paramref name="header"/> and then <paramref name="length"/> bytes of <paramref name="file"/> from
    /// <paramref name="offset"/>; what lies behind its end is sent as zeroes. Pages may go by reference: the file must not
    /// change until the peer has them, or the peer may see the change. Counts as the one send under way; a failure in the
    /// middle leaves the stream useless, so abort the channel then.
    /// </summary>
    /// <remarks>Where <see cref="CanSendFromMemory"/> said so, no failure of the medium can come in between.</remarks>
    public abstract ValueTask<IoStatus> SendFileAsync(ReadOnlyMemory<byte> header, StorageFile file, long offset, long length);

    /// <summary>
    /// Whether <see cref="SendFileAsync"/> would send the whole of this range from the kernel's memory: it lies in the file and in
    /// the page cache, so that neither a copy nor the medium is needed.
    /// </summary>
    public virtual bool CanSendFromMemory(StorageFile file, long offset, long length) => false;
}
