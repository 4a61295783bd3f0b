using Tidemark.Core.Errors;

namespace Tidemark.Block.Contract;

/// <summary>
/// A driver in which requests can be held at named places, for tests: qemu-io's break, wait_break, resume, remove_break. While
/// somebody waits for requests to end (a drain, a close), none is held. Belongs to the graph's loop.
/// </summary>
public interface IBreakpoints
{
    /// <summary>
    /// Holds the next request that comes to the place, once, under <paramref name="tag"/>. <see cref="IoStatus.NotFound"/>: no
    /// such place.
    /// </summary>
    /// <param name="place">A word of QMP's BlkdebugEvent.</param>
    /// <param name="tag">A name, which several may bear.</param>
    /// <param name="tell">Called with a line whenever a request is held or let go.</param>
    IoStatus Break(string place, string tag, Action<string> tell);

    /// <summary>
    /// Forgets breakpoints of this tag that nobody came to yet, and lets go what is held under it. <see cref="IoStatus.NotFound"/>:
    /// there were none to forget.
    /// </summary>
    IoStatus RemoveBreak(string tag);

    /// <summary>Lets the request go on that was held last under this tag. <see cref="IoStatus.NotFound"/>: there is none.</summary>
    IoStatus Resume(string tag);

    /// <summary>Lets everything go on that is held.</summary>
    void ResumeAll();

    /// <summary>Whether a request is held under this tag.</summary>
    bool IsSuspended(string tag);
}
