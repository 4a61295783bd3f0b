using Tidemark.Core.Errors;

namespace Tidemark.Block.Contract;

/// <summary>A driver in which requests can be held at named places, for tests: qemu-io's break, wait_break, resume, remove_break.</summary>
public interface IBreakpoints
{
    /// <summary>Holds the next request that comes to the place, under <paramref name="tag"/>. <see cref="IoStatus.NotFound"/>: no such place.</summary>
    IoStatus Break(string place, string tag);

    /// <summary>Forgets breakpoints of this tag and lets go what they hold. <see cref="IoStatus.NotFound"/>: there are none.</summary>
    IoStatus RemoveBreak(string tag);

    /// <summary>Lets one request that is held under this tag go on. <see cref="IoStatus.NotFound"/>: there is none.</summary>
    IoStatus Resume(string tag);

    /// <summary>Whether a request is held under this tag.</summary>
    bool IsSuspended(string tag);
}
