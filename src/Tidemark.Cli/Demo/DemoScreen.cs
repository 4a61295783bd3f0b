using System.Globalization;
using Tidemark.Cli.Terminal;

namespace Tidemark.Cli.Demo;

/// <summary>What a person sees: a line for every step, a line that counts while a step is under way (on a terminal only), a table at the end.</summary>
internal sealed class DemoScreen(ToolConsole console, TimeProvider time, bool isTerminal, CancellationToken stop)
{
    private readonly long start = time.GetTimestamp();
    private bool isCounting;

    /// <summary>Time since the demo began.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(start);

    /// <summary>A step. Here, between two steps, the demo ends when someone interrupted it.</summary>
    public void Say(string text)
    {
        stop.ThrowIfCancellationRequested();
        EndCounting();
        console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds, 6:0.0} s  {text}"));
        console.Out.Flush();
    }

    /// <summary>How far a step is; the next call takes its place.</summary>
    public void Count(string text)
    {
        stop.ThrowIfCancellationRequested();
        if (isTerminal)
        {
            console.Out.Write($"\r          {text}\u001b[K");
            console.Out.Flush();
            isCounting = true;
        }
    }

    /// <summary>Text as it is.</summary>
    public void Print(string text)
    {
        EndCounting();
        console.Out.WriteLine(text);
        console.Out.Flush();
    }

    /// <summary>A table: columns as wide as they must be, figures (columns whose title ends in a space) to the right.</summary>
    public void Table(IReadOnlyList<string> titles, IReadOnlyList<string[]> rows)
    {
        var widths = titles
            .Select((title, column) => rows.Select(row => row[column].Length).Append(title.Trim().Length).Max())
            .ToList();
        Print("");
        Print(Line(titles.Select(title => title.Trim()).ToList()));
        Print("  " + string.Join("  ", widths.Select(width => new string('-', width))));
        foreach (var row in rows)
        {
            Print(Line(row));
        }

        Print("");

        string Line(IReadOnlyList<string> cells) =>
            (
                "  "
                + string.Join(
                    "  ",
                    cells.Select(
                        (cell, column) =>
                            titles[column].EndsWith(' ') ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])
                    )
                )
            ).TrimEnd();
    }

    /// <summary>"12.3 MiB".</summary>
    public static string Size(long bytes) =>
        bytes < 1 << 20
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0} KiB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.0} MiB");

    /// <summary>"1.23".</summary>
    public static string Seconds(TimeSpan span) => span.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);

    private void EndCounting()
    {
        if (isCounting)
        {
            console.Out.Write("\r\u001b[K");
            isCounting = false;
        }
    }
}
