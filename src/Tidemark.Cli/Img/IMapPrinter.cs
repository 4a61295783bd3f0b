namespace Tidemark.Cli.Img;

/// <summary>How a map is written.</summary>
internal interface IMapPrinter
{
    /// <summary>What stands before the first run.</summary>
    void Begin();

    /// <summary>A run; <paramref name="next"/> is the one after it, null at the end.</summary>
    void Print(MapEntry entry, MapEntry? next);
}
