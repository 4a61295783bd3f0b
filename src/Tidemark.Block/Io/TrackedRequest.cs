using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

/// <summary>A change of content that is under way.</summary>
internal sealed class TrackedRequest
{
    public ByteRange Range;
    public bool IsSerialising;
    public long Number;
}
