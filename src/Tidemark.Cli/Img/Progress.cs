using System.Globalization;

namespace Tidemark.Cli.Img;

/// <summary>-p: how far a command has come, on one line that is written over. Steps under <paramref name="stepPercent"/> are not shown.</summary>
internal sealed class Progress(TextWriter output, bool enabled, double stepPercent = 1)
{
    private double shown = -1;

    /// <summary>Shows that <paramref name="done"/> of <paramref name="total"/> is done.</summary>
    public void Show(long done, long total)
    {
        var percent = total == 0 ? 100 : Math.Min(100.0, done * 100.0 / total);
        if (enabled && (shown < 0 || percent > shown + stepPercent || percent >= 100))
        {
            Print(percent);
        }
    }

    /// <summary>Shows that all is done, even if that was shown before.</summary>
    public void Complete()
    {
        if (enabled)
        {
            Print(100);
        }
    }

    /// <summary>Leaves the line.</summary>
    public void End()
    {
        if (enabled)
        {
            output.WriteLine();
        }
    }

    private void Print(double percent)
    {
        shown = percent;
        output.Write(string.Create(CultureInfo.InvariantCulture, $"    ({percent:F2}/100%)\r"));
        output.Flush();
    }
}
