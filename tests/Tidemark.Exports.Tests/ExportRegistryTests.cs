using Tidemark.Bitmaps;
using Tidemark.Core.Errors;
using Tidemark.Exports.Nbd;
using Tidemark.Io.Contract;

namespace Tidemark.Exports.Tests;

/// <summary>What the reference's daemon does and says, recorded.</summary>
public sealed class ExportRegistryTests
{
    [Fact]
    public void Without_a_server_there_is_nothing_to_stop_or_to_export_over()
    {
        using var served = new ServedGraph(startServer: false);
        served.Add("""{"driver": "null-co", "node-name": "n", "size": 1048576}""");
        Assert.Equal("NBD server not running", Refused(served, r => r.StopNbdServerAsync()));
        Assert.Equal("NBD server not running", RefusedExport(served, new NbdExportOptions("e", "n")));
    }

    [Fact]
    public void A_second_server_is_refused()
    {
        using var served = new ServedGraph();
        var other = new NbdServerOptions(new SocketAddress.Unix(served.Folder.File("other")));
        Assert.Equal("NBD server already running", Refused(served, r => r.StartNbdServerAsync(other)));
        Assert.False(File.Exists(served.Folder.File("other")));
    }

    [Theory]
    [InlineData("", "Invalid block export id")]
    [InlineData("9", "Invalid block export id")]
    [InlineData("a b", "Invalid block export id")]
    [InlineData("e0", "Block export id 'e0' is already in use")]
    public void Ids_are_well_formed_and_given_once(string id, string message)
    {
        using var served = new ServedGraph();
        served.Add("""{"driver": "null-co", "node-name": "n", "size": 1048576}""");
        served.Export(new NbdExportOptions("e0", "n"));
        Assert.Equal(message, RefusedExport(served, new NbdExportOptions(id, "n", "other")));
    }

    [Fact]
    public void Names_and_nodes_are_checked()
    {
        using var served = new ServedGraph();
        served.Add("""{"driver": "null-co", "node-name": "n", "size": 1048576}""");
        served.Add("""{"driver": "null-co", "node-name": "ro", "size": 1048576, "read-only": true}""");
        served.Export(new NbdExportOptions("e0", "n"));
        var tooLong = new string('n', 4097);
        Assert.Equal("NBD server already has export named 'n'", RefusedExport(served, new NbdExportOptions("e1", "ro", "n")));
        Assert.Equal("Cannot find device='' nor node-name='nope'", RefusedExport(served, new NbdExportOptions("e1", "nope")));
        Assert.Equal(
            "Cannot export read-only node as writable",
            RefusedExport(served, new NbdExportOptions("e1", "ro", Writable: true))
        );
        Assert.Equal($"export name '{tooLong}' too long", RefusedExport(served, new NbdExportOptions("e1", "n", tooLong)));
        Assert.Equal($"description '{tooLong}' too long", RefusedExport(served, new NbdExportOptions("e1", "n", "x", tooLong)));
        served.Export(new NbdExportOptions("e1", "n", new string('n', 4096)));
    }

    [Fact]
    public void Bitmaps_are_busy_as_long_as_they_are_exported()
    {
        using var served = new ServedGraph();
        served.Add("""{"driver": "null-co", "node-name": "n", "size": 1048576}""");
        served.Add("""{"driver": "null-co", "node-name": "m", "size": 1048576}""");
        DirtyBitmap off = null!;
        served.Do(() =>
        {
            off = served.Graph.Require("n").Bitmaps.Add("off", recording: false);
            _ = served.Graph.Require("n").Bitmaps.Add("on");
        });
        Assert.Equal("Bitmap 'missing' is not found", RefusedExport(served, With("e1", "missing")));
        Assert.Equal("Enabled bitmap 'on' incompatible with readonly export", RefusedExport(served, With("e1", "on")));
        served.Export(With("e1", "off"));
        Assert.True(off.IsBusy);
        const string Busy = "Bitmap 'off' is currently in use by another operation and cannot be used";
        Assert.Equal(Busy, RefusedExport(served, With("e2", "off") with { Name = "other" }));
        Assert.Equal(Busy, RefusedExport(served, new NbdExportOptions("e3", "m", Bitmaps: [new NbdBitmapReference("off", "n")])));
        served.Do(() => served.Registry.RemoveAsync("e1", ExportRemoval.Safe).AsTask());
        Assert.False(off.IsBusy);
        served.Export(With("e2", "on") with { Writable = true });

        static NbdExportOptions With(string id, string bitmap) => new(id, "n", Bitmaps: [new NbdBitmapReference(bitmap)]);
    }

    [Fact]
    public void A_refused_export_leaves_nothing_behind()
    {
        using var served = new ServedGraph();
        served.Add("""{"driver": "null-co", "node-name": "n", "size": 1048576}""");
        DirtyBitmap off = null!;
        served.Do(() => off = served.Graph.Require("n").Bitmaps.Add("off", recording: false));
        var twice = new NbdExportOptions("e", "n", Bitmaps: [new NbdBitmapReference("off"), new NbdBitmapReference("missing")]);
        Assert.Equal("Bitmap 'missing' is not found", RefusedExport(served, twice));
        Assert.False(off.IsBusy);
        served.Do(() =>
        {
            Assert.Empty(served.Graph.Backends);
            Assert.Empty(served.Registry.Exports);
        });
    }

    [Fact]
    public void Removing_what_is_not_there_is_refused()
    {
        using var served = new ServedGraph();
        Assert.Equal("Export 'nope' is not found", Refused(served, r => r.RemoveAsync("nope", ExportRemoval.Hard)));
    }

    [Fact]
    public void Stopping_the_server_ends_its_exports_oldest_first_and_frees_the_socket()
    {
        using var served = new ServedGraph();
        served.Add("""{"driver": "null-co", "node-name": "n", "size": 1048576}""");
        foreach (var id in new[] { "a", "b", "c" })
        {
            served.Export(new NbdExportOptions(id, "n", id));
        }
        served.Do(() => Assert.Equal(["c", "b", "a"], served.Registry.Exports.Select(e => e.Id)));
        served.Do(() => served.Registry.StopNbdServerAsync().AsTask());
        Assert.Equal(["a", "b", "c"], served.Deleted);
        Assert.False(File.Exists(served.Socket));
        served.Do(() => Assert.Empty(served.Graph.Backends));
        served.Do(() => served.Registry.StartNbdServerAsync(new NbdServerOptions(served.Address)).AsTask());
    }

    private static string RefusedExport(ServedGraph served, NbdExportOptions options) =>
        Assert.Throws<BlockException>(() => served.Export(options)).Message;

    private static string Refused(ServedGraph served, Func<ExportRegistry, ValueTask> act) =>
        Assert.Throws<BlockException>(() => served.Do(() => act(served.Registry).AsTask())).Message;
}
