using Tidemark.Core.Schema;

namespace Tidemark.Block.Create;

/// <summary>Where the target file of a command comes from that makes or opens one itself.</summary>
[Schema(Name = "NewImageMode")]
public enum NewImageMode
{
    /// <summary>It is there already, and so is what it names as its backing file.</summary>
    Existing,

    /// <summary>It is made, over the source's backing file or the source itself where the command has a use for that.</summary>
    AbsolutePaths,
}
