namespace Tidemark.Cli.Img;

/// <summary>A map as a JSON array, a run to a line.</summary>
internal sealed class JsonMapPrinter(TextWriter output) : IMapPrinter
{
    public void Begin() => output.Write("[");

    public void Print(MapEntry entry, MapEntry? next)
    {
        output.Write($"{{ \"start\": {entry.Start}, \"length\": {entry.Length}, \"depth\": {entry.Depth}, ");
        output.Write($"\"present\": {Word(entry.IsPresent)}, \"zero\": {Word(entry.IsZero)}, \"data\": {Word(entry.IsData)}");
        if (entry.Offset is { } offset)
        {
            output.Write($", \"offset\": {offset}");
        }
        output.WriteLine(next is null ? "}]" : "},");
    }

    private static string Word(bool value) => value ? "true" : "false";
}
