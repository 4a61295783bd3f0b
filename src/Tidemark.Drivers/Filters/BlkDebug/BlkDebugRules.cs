using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Filters.BlkDebug;

/// <summary>
/// The rules at work. An event makes the error rules that name it active, in place of those that were; an active rule makes
/// every request fail that it fits. Rules for an event that do not fit the state are passed over; all see the state as it was
/// before the event.
/// </summary>
internal sealed class BlkDebugRules
{
    private const int Sector = 512;
    private readonly List<InjectError> errors;
    private readonly List<SetState> changes;
    private readonly List<InjectError> active = [];

    public BlkDebugRules(IEnumerable<InjectError> errors, IEnumerable<SetState> changes)
    {
        this.errors = [.. errors];
        this.changes = [.. changes];
        Happen(DebugEvent.None);
    }

    /// <summary>The state; 1 at the beginning.</summary>
    public int State { get; private set; } = 1;

    public void Happen(DebugEvent happening)
    {
        var before = State;
        var isFirst = true;
        foreach (var rule in errors)
        {
            if (rule.Event != happening || (rule.State != 0 && rule.State != before))
            {
                continue;
            }
            if (isFirst)
            {
                active.Clear();
                isFirst = false;
            }
            active.Insert(0, rule);
        }
        foreach (var rule in changes)
        {
            if (rule.Event == happening && (rule.State == 0 || rule.State == before))
            {
                State = rule.NewState;
            }
        }
    }

    /// <summary>The rule that this request falls under, or null. One that holds once is gone then.</summary>
    public InjectError? Find(IoType type, long offset, long length)
    {
        var index = active.FindIndex(rule => Fits(rule, type, offset, length));
        if (index < 0)
        {
            return null;
        }
        var found = active[index];
        if (found.Once)
        {
            active.RemoveAt(index);
            // By reference: a rule may be given twice to hold twice.
            errors.RemoveAt(errors.FindIndex(rule => ReferenceEquals(rule, found)));
        }
        return found;
    }

    private static bool Fits(InjectError rule, IoType type, long offset, long length)
    {
        if (rule.Iotype is { } wanted ? wanted != type : type == IoType.BlockStatus)
        {
            return false;
        }
        var place = rule.Sector * Sector;
        return rule.Sector == -1 || (length > 0 && new ByteRange(offset, length).Contains(new ByteRange(place, 1)));
    }

    /// <summary>Refuses rules that make no sense.</summary>
    public static void Check(InjectError rule)
    {
        if (rule.Errno is < 1 or > 4095)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Parameter 'errno' expects an error number");
        }
        if (rule.Sector is < -1 or > long.MaxValue / Sector)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Parameter 'sector' expects a sector number or -1");
        }
    }
}
