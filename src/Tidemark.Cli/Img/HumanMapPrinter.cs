using Tidemark.Cli.Options;

namespace Tidemark.Cli.Img;

/// <summary>A map as a table of the runs that have data.</summary>
internal sealed class HumanMapPrinter(TextWriter output) : IMapPrinter
{
    public void Begin() => output.WriteLine($"{"Offset", -16}{"Length", -16}{"Mapped to", -16}File");

    public void Print(MapEntry entry, MapEntry? next)
    {
        if (entry.IsData && entry.Offset is null)
        {
            throw new CommandException("File contains external, encrypted or compressed clusters.");
        }
        if (entry is { IsData: true, IsZero: false, Offset: { } offset })
        {
            output.WriteLine($"{Hex(entry.Start), -16}{Hex(entry.Length), -16}{Hex(offset), -16}{entry.Filename}");
        }
    }

    private static string Hex(long value) => value == 0 ? "0" : $"0x{value:x}";
}
