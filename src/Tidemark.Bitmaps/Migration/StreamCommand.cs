namespace Tidemark.Bitmaps.Migration;

/// <summary>Commands between a stream's sections (migration documentation, "Postcopy": the source leads, the destination obeys).</summary>
public enum StreamCommand
{
    /// <summary>Nothing.</summary>
    Invalid = 0,

    /// <summary>The source will listen to replies on the same connection.</summary>
    OpenReturnPath = 1,

    /// <summary>Asks for a reply with the number that it carries.</summary>
    Ping = 2,

    /// <summary>A postcopy phase may come.</summary>
    PostcopyAdvise = 3,

    /// <summary>The device state that follows belongs to a postcopy phase.</summary>
    PostcopyListen = 4,

    /// <summary>The destination runs from now on; what is left comes meanwhile.</summary>
    PostcopyRun = 5,

    /// <summary>Memory to forget. There is none here.</summary>
    PostcopyRamDiscard = 6,

    /// <summary>The parts that follow were sent in one piece: its length comes first.</summary>
    Packaged = 7,

    /// <summary>The destination is to follow the source from now on. Not offered.</summary>
    EnableColo = 8,

    /// <summary>A broken postcopy phase goes on. Not offered.</summary>
    PostcopyResume = 9,

    /// <summary>Asks for memory's own bitmap. There is none here.</summary>
    ReceivedBitmap = 10,
}
