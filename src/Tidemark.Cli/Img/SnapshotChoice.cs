using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Img;

/// <summary>Which internal snapshot to read: "snapshot.id=…,snapshot.name=…", or an id or name alone.</summary>
internal sealed class SnapshotChoice
{
    private const string Prefix = "snapshot.";
    private string? id;
    private string? name;
    private string? any;

    /// <summary>Throws <see cref="CommandException"/> for what is no choice.</summary>
    public static SnapshotChoice Parse(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return new() { any = text };
        }
        var choice = new SnapshotChoice();
        foreach (var (key, value) in OptionList.Split(text))
        {
            switch (key)
            {
                case Prefix + "id":
                    choice.id = value;
                    break;
                case Prefix + "name":
                    choice.name = value;
                    break;
                default:
                    throw new CommandException($"Invalid parameter '{key}'\nqemu-img: Failed in parsing snapshot param '{text}'");
            }
        }
        return choice;
    }

    /// <summary>Lets the first source show the snapshot. Throws <see cref="CommandException"/>.</summary>
    public async ValueTask ShowAsync(List<BlockNode> sources)
    {
        if (any is not null && sources.Count > 1)
        {
            throw new CommandException("No support for concatenating multiple snapshot");
        }
        var source = sources[0];
        if (source.Driver is not ISnapshotDriver driver)
        {
            throw new CommandException(
                $"Failed to load snapshot: Block format '{source.Definition.Name}' used by device '' does not support temporarily loading internal snapshots"
            );
        }
        var found = any is null ? SnapshotInfo.Find(driver.Snapshots, id, name) : SnapshotInfo.FindAny(driver.Snapshots, any);
        if (found is null)
        {
            throw new CommandException("Failed to load snapshot: Can't find snapshot");
        }
        try
        {
            await driver.ShowSnapshotAsync(found);
        }
        catch (BlockException error)
        {
            throw new CommandException($"Failed to load snapshot: {error.Message}");
        }
    }
}
