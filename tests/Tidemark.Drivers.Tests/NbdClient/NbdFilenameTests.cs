using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Drivers.NbdClient;

namespace Tidemark.Drivers.Tests.NbdClient;

public sealed class NbdFilenameTests
{
    [Theory]
    [InlineData("nbd:unix:/run/x.sock", "unix /run/x.sock", null)]
    [InlineData("nbd:unix:/run/x.sock:exportname=a:b", "unix /run/x.sock", "a:b")]
    [InlineData("nbd:localhost:10809", "inet localhost:10809", null)]
    [InlineData("nbd:[::1]:5:exportname=x", "inet ::1:5", "x")]
    [InlineData("nbd://localhost", "inet localhost:10809", null)]
    [InlineData("nbd://localhost:5/", "inet localhost:5", null)]
    [InlineData("nbd+tcp://[::1]:5/a/b%20c", "inet ::1:5", "a/b c")]
    [InlineData("nbd+unix:///?socket=/run/x.sock", "unix /run/x.sock", null)]
    [InlineData("nbd+unix://?socket=/run/x.sock", "unix /run/x.sock", null)]
    [InlineData("nbd+unix:///disk?socket=/run/x%20y", "unix /run/x y", "disk")]
    public void A_name_means_a_server_and_an_export(string name, string server, string? export)
    {
        var options = NbdOptions.Codec.Parse(NbdFilename.Parse(name));
        var shown = options.Server switch
        {
            NbdServerAddress.Unix unix => $"unix {unix.Path}",
            NbdServerAddress.Inet inet => $"inet {inet.Host}:{inet.Port}",
            var other => other.ToString(),
        };
        Assert.Equal((server, export), (shown, options.Export));
    }

    [Theory]
    [InlineData("nbd:", "NBD server address missing")]
    [InlineData("nbd:foo", "error parsing address 'foo'")]
    [InlineData("nbd://", "No valid URL specified")]
    [InlineData("nbd+unix:///a", "No valid URL specified")]
    [InlineData("nbd://host:notaport/", "No valid URL specified")]
    [InlineData("nbds://host/", "No valid URL specified")]
    public void A_name_that_means_nothing_is_refused(string name, string message) =>
        Assert.Equal(message, Assert.Throws<BlockException>(() => NbdFilename.Parse(name)).Message);

    [Theory]
    [InlineData("{'server': {'type': 'unix', 'path': '/x'}, 'export': 'ro'}", "nbd+unix:///ro?socket=/x")]
    [InlineData("{'server': {'type': 'unix', 'path': '/x'}}", "nbd+unix://?socket=/x")]
    [InlineData("{'server': {'type': 'inet', 'host': 'h', 'port': '5'}, 'export': 'a/b'}", "nbd://h:5/a/b")]
    [InlineData("{'server': {'type': 'inet', 'host': 'h', 'port': '5'}}", "nbd://h:5")]
    [InlineData("{'path': '/x', 'export': 'ro'}", "nbd+unix:///ro?socket=/x")]
    [InlineData("{'host': 'h'}", "nbd://h:10809")]
    public void An_export_has_the_name_that_the_reference_gives_it(string json, string name)
    {
        var options = (NbdOptions)NbdDriver.Definition.ParseOptions((JsonObject)JsonValue.Parse(json));
        Assert.Equal(name, NbdFilename.Make(options.Server, options.Export));
    }

    [Theory]
    [InlineData("{}", "NBD server address missing")]
    [InlineData("{'path': '/x', 'host': 'h'}", "path and host may not be used at the same time")]
    [InlineData("{'server': {'type': 'unix'}}", "Parameter 'server.path' is missing")]
    [InlineData("{'path': '/x', 'foo': 1}", "Parameter 'foo' is unexpected")]
    public void Options_that_make_no_server_are_refused(string json, string message) =>
        Assert.Equal(
            message,
            Assert.Throws<BlockException>(() => NbdDriver.Definition.ParseOptions((JsonObject)JsonValue.Parse(json))).Message
        );
}
