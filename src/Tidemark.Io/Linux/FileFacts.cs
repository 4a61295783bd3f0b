namespace Tidemark.Io.Linux;

/// <summary>What statx tells of a file; the direct alignments are 0 where the file system doesn't say.</summary>
internal readonly record struct FileFacts(
    int Mode,
    long Length,
    long AllocatedBytes,
    int DirectMemoryAlignment,
    int DirectOffsetAlignment
)
{
    private const int TypeMask = 0xF000;

    public bool IsRegular => (Mode & TypeMask) == 0x8000;
    public bool IsBlockDevice => (Mode & TypeMask) == 0x6000;
    public bool IsCharacterDevice => (Mode & TypeMask) == 0x2000;
    public bool IsPipe => (Mode & TypeMask) == 0x1000;
    public bool IsSocket => (Mode & TypeMask) == 0xC000;
    public bool IsDirectory => (Mode & TypeMask) == 0x4000;
}
