namespace Tidemark.Bitmaps.Migration;

/// <summary>What an announced bitmap will be at its destination.</summary>
[Flags]
public enum BitmapStartFlags
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>It records writes.</summary>
    Enabled = 0x01,

    /// <summary>It is stored with its image.</summary>
    Persistent = 0x02,
}
