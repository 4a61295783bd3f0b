namespace Tidemark.Io.Linux;

/// <summary>What a <see cref="FileOperation"/> asks of the kernel.</summary>
internal enum FileVerb
{
    Read,
    Write,
    Flush,
    PunchHole,
    WriteZeroes,
    Discard,
    Allocate,
    Truncate,
    Copy,
}
