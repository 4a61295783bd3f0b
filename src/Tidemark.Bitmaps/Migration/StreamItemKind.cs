namespace Tidemark.Bitmaps.Migration;

/// <summary>What <see cref="MigrationStreamReader"/> found.</summary>
public enum StreamItemKind
{
    /// <summary>The sender's machine type, in <see cref="StreamItem.Text"/>.</summary>
    Machine,

    /// <summary>A capability that the receiver must have on, in <see cref="StreamItem.Text"/>.</summary>
    Capability,

    /// <summary>The sender's UUID, 16 bytes of <see cref="StreamItem.Data"/>.</summary>
    Uuid,

    /// <summary>A bitmap is announced.</summary>
    BitmapStart,

    /// <summary>Bits of a bitmap; without data they are clean.</summary>
    BitmapBits,

    /// <summary>A bitmap is complete.</summary>
    BitmapComplete,

    /// <summary>The sender's run state, in <see cref="StreamItem.Text"/>.</summary>
    RunState,

    /// <summary>A command.</summary>
    Command,

    /// <summary>All sections have come. A description for people may follow, which needs no reader.</summary>
    End,
}
