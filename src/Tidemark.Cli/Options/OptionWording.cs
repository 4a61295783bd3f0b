namespace Tidemark.Cli.Options;

/// <summary>How a program words what is wrong with its options.</summary>
internal enum OptionWording
{
    /// <summary>qemu-img's own words.</summary>
    Own,

    /// <summary>The C library's words: qemu-io, qemu-storage-daemon.</summary>
    Library,
}
