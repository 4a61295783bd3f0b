using Tidemark.Core.Json;

namespace Tidemark.Simulation.Tests;

/// <summary>A migration that an operator has in mind: where each disk goes, under which names, and what is to go wrong.</summary>
internal sealed class FlightPlan
{
    private readonly Round round;
    private readonly string number;

    public FlightPlan(Round round, bool isMapped)
    {
        this.round = round;
        number = round.NewName("flight");
        IsMapped = isMapped || round.Chance(2);
        TakesBitmaps = !round.Chance(6);
        IsPostcopy = TakesBitmaps && round.Chance(3);
        Pauses = !IsPostcopy && round.Chance(3);
        HasReturnPath = round.Chance(2);
        Hurdle = round.Random.Next(12) switch
        {
            0 or 1 => FlightHurdle.Cancel,
            2 => FlightHurdle.BrokenLink,
            3 => FlightHurdle.KilledDestination,
            4 => FlightHurdle.KilledSource,
            5 => FlightHurdle.BusyBitmap,
            6 => FlightHurdle.TakenName,
            7 => FlightHurdle.BadDisk,
            _ => FlightHurdle.None,
        };
        // All disks on images that both have, or all on their own.
        IsShared = !round.Chance(3);
        Landings = round.Drives.ConvertAll(Land);
    }

    /// <summary>Whether both machines have the same images.</summary>
    public bool IsShared { get; }

    /// <summary>Whether the capability dirty-bitmaps is on.</summary>
    public bool TakesBitmaps { get; }

    /// <summary>Whether the destination is to run before all has come.</summary>
    public bool IsPostcopy { get; }

    /// <summary>Whether the source waits for leave to let go.</summary>
    public bool Pauses { get; }

    /// <summary>Whether the destination answers.</summary>
    public bool HasReturnPath { get; }

    /// <summary>Whether nodes and bitmaps have other names on the wire and at the destination.</summary>
    public bool IsMapped { get; }

    /// <summary>What is to go wrong.</summary>
    public FlightHurdle Hurdle { get; set; }

    /// <summary>The bitmap that can't go for as long as it is there.</summary>
    public TrackedBitmap? Obstacle { get; set; }

    /// <summary>Where each disk goes.</summary>
    public IReadOnlyList<Landing> Landings { get; }

    /// <summary>Where the source connects.</summary>
    public string NearEnd => $"/{number}.near";

    /// <summary>Where the destination listens.</summary>
    public string FarEnd => $"/{number}.far";

    /// <summary>Chooses the bitmaps that go, as they are now.</summary>
    public void Choose()
    {
        foreach (var landing in Landings)
        {
            foreach (var bitmap in landing.Drive.Bitmaps)
            {
                // An inconsistent one would forbid the whole.
                if (TakesBitmaps && !(IsMapped && (bitmap.IsInconsistent || round.Chance(4))))
                {
                    landing.Passengers.Add(Take(landing, bitmap));
                }
            }
        }
    }

    /// <summary>The capabilities, for either side.</summary>
    public string Capabilities()
    {
        (string Name, bool IsOn)[] all =
        [
            ("events", true),
            ("dirty-bitmaps", TakesBitmaps),
            ("postcopy-ram", IsPostcopy && number.Length % 2 == 0),
            ("pause-before-switchover", Pauses),
            ("return-path", HasReturnPath),
        ];
        return $"{{'capabilities':[{string.Join(',', all.Select(static c => $"{{'capability':'{c.Name}','state':{(c.IsOn ? "true" : "false")}}}"))}]}}";
    }

    /// <summary>The mapping, for the side that sends or for the one that receives.</summary>
    public string Mapping(bool atSource)
    {
        var nodes = Landings.Select(landing =>
        {
            var bitmaps = landing.Passengers.Select(p =>
                $"{{'name':'{(atSource ? p.Bitmap.Name : p.NameThere)}','alias':'{p.Alias}'{p.Transform(atSource)}}}"
            );
            var node = atSource ? landing.Drive.Name : landing.NodeThere;
            return $"{{'node-name':'{node}','alias':'{landing.Alias}','bitmaps':[{string.Join(',', bitmaps)}]}}";
        });
        return $"{{'block-bitmap-mapping':[{string.Join(',', nodes)}]}}";
    }

    private Landing Land(SimulatedDrive drive)
    {
        var options = drive.Options.DeepClone();
        if (IsMapped && round.Chance(2))
        {
            options["node-name"] = round.NewName("there");
        }
        if (IsShared)
        {
            return new(drive, options, drive.Path, round.NewName("alias"));
        }
        // Not every size of cache suits every size of cluster.
        _ = options.Remove("l2-cache-entry-size");
        _ = options.Remove("l2-cache-size");
        var path = $"/{round.NewName("disk")}";
        options["file"] = new JsonObject { ["driver"] = "file", ["filename"] = path };
        return new(drive, options, path, round.NewName("alias"));
    }

    private Passenger Take(Landing landing, TrackedBitmap bitmap)
    {
        if (!IsMapped)
        {
            return new(bitmap, bitmap.Name, bitmap.Name, null, null);
        }
        bool? sends = round.Chance(3) && landing.Drive.CanStore ? round.Chance(2) : null;
        bool? makes = round.Chance(3) && landing.Drive.CanStore ? round.Chance(2) : null;
        return new(bitmap, round.Chance(2) ? bitmap.Name : round.NewName("b"), round.NewName("wire"), sends, makes);
    }
}

/// <summary>What goes wrong with a migration.</summary>
internal enum FlightHurdle
{
    None,
    Cancel,
    BrokenLink,
    KilledDestination,
    KilledSource,
    BusyBitmap,
    TakenName,
    BadDisk,
}
