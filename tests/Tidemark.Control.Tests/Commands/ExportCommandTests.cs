using Tidemark.Core.Json;

namespace Tidemark.Control.Tests.Commands;

public sealed class ExportCommandTests
{
    [Theory]
    [InlineData("nbd-server-start", "{'addr':{'type':'unix'}}", "Parameter 'addr.data' is missing")]
    [InlineData("nbd-server-start", "{'addr':{'type':'unix','data':{}}}", "Parameter 'addr.data.path' is missing")]
    [InlineData("nbd-server-start", "{'addr':{'type':'x','data':{}}}", "Parameter 'type' does not accept value 'x'")]
    [InlineData(
        "nbd-server-start",
        "{'addr':{'type':'unix','data':{'path':'y'}},'max-connections':-1}",
        "Parameter 'max-connections' expects uint32_t"
    )]
    [InlineData("nbd-server-stop", "{}", "NBD server not running")]
    [InlineData("block-export-add", "{}", "Parameter 'type' is missing")]
    [InlineData("block-export-add", "{'type':'x'}", "Parameter 'type' does not accept value 'x'")]
    [InlineData("block-export-add", "{'type':'nbd'}", "Parameter 'id' is missing")]
    [InlineData("block-export-add", "{'type':'nbd','id':'a'}", "Parameter 'node-name' is missing")]
    [InlineData("block-export-add", "{'type':'nbd','id':'e','node-name':'n'}", "NBD server not running")]
    [InlineData("block-export-add", "{'type':'nbd','id':'e','node-name':'nope'}", "Cannot find device='' nor node-name='nope'")]
    [InlineData("block-export-add", "{'type':'nbd','id':'e','node-name':'n','iothread':'t'}", "iothread \"t\" not found")]
    [InlineData("block-export-del", "{'id':'nope'}", "Export 'nope' is not found")]
    [InlineData("block-export-del", "{'id':'nope','mode':'sideways'}", "Parameter 'mode' does not accept value 'sideways'")]
    [InlineData("nbd-server-add", "{'device':'zz'}", "Cannot find device='zz' nor node-name='zz'")]
    [InlineData("nbd-server-remove", "{'name':'zz'}", "Export 'zz' is not found")]
    [InlineData("object-add", "{'qom-type':'no-such','id':'x'}", "Parameter 'qom-type' does not accept value 'no-such'")]
    [InlineData("object-add", "{'qom-type':'iothread','id':'1t'}", "Parameter 'id' expects an identifier")]
    [InlineData(
        "object-add",
        "{'qom-type':'iothread','id':'t','poll-max-ns':-1}",
        "poll-max-ns value must be in range [0, 9223372036854775807]"
    )]
    [InlineData("object-add", "{'qom-type':'secret','id':'s'}", "Either 'file' or 'data' must be provided")]
    [InlineData("object-add", "{'qom-type':'secret','id':'s','data':'x','file':'y'}", "'file' and 'data' are mutually exclusive")]
    [InlineData(
        "object-add",
        "{'qom-type':'secret','id':'s','data':'x!','format':'base64'}",
        "Base64 data contains invalid characters"
    )]
    [InlineData("object-del", "{'id':'nope'}", "object 'nope' not found")]
    public void Refusals_are_worded_as_the_reference_s(string command, string arguments, string text) =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.AddNodeAsync("n");
            Assert.Equal(text, await daemon.RefusedAsync(command, arguments));
        });

    [Fact]
    public void Exports_come_and_go_with_their_event_before_the_reply() =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.AddNodeAsync("n");
            var socket = Path.Combine(daemon.Folder, "nbd");
            await daemon.OkAsync(
                "nbd-server-start",
                "{'addr':{'type':'unix','data':{'path':'" + socket + "'}},'max-connections':2}"
            );
            await daemon.OkAsync("nbd-server-add", "{'device':'n','name':'old'}");
            await daemon.OkAsync("block-export-add", "{'type':'nbd','id':'e','node-name':'n','writable':true}");
            var exports = (await daemon.OkAsync("query-block-exports")).ToJson();
            Assert.Equal(
                "[{\"id\": \"e\", \"type\": \"nbd\", \"node-name\": \"n\", \"shutting-down\": false}, "
                    + "{\"id\": \"old\", \"type\": \"nbd\", \"node-name\": \"n\", \"shutting-down\": false}]",
                exports
            );
            await daemon.OkAsync("nbd-server-remove", "{'name':'old','mode':'hard'}");
            await daemon.OkAsync("nbd-server-stop");
            var first = await daemon.Client.WaitEventAsync(_ => true);
            var second = await daemon.Client.WaitEventAsync(_ => true);
            Assert.Equal("BLOCK_EXPORT_DELETED {\"id\": \"old\"}", $"{first.GetString("event")} {first["data"]}");
            Assert.Equal("{\"id\": \"e\"}", second["data"].ToJson());
        });

    [Fact]
    public void Objects_come_and_go_and_secrets_are_kept() =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.OkAsync("object-add", "{'qom-type':'secret','id':'s','data':'aGk=','format':'base64'}");
            Assert.Equal("hi"u8.ToArray(), daemon.Context.Objects.FindSecret("s")!.Value.ToArray());
            Assert.Equal(
                "attempt to add duplicate property 's' to object (type 'container')",
                await daemon.RefusedAsync("object-add", "{'qom-type':'iothread','id':'s'}")
            );
            await daemon.OkAsync("object-del", "{'id':'s'}");
            Assert.Null(daemon.Context.Objects.FindSecret("s"));
        });

    [Fact]
    public void A_secret_is_decrypted_by_another_one() =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.OkAsync(
                "object-add",
                "{'qom-type':'secret','id':'k','data':'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=','format':'base64'}"
            );
            // Made by openssl enc -aes-256-cbc with that key.
            await daemon.OkAsync(
                "object-add",
                "{'qom-type':'secret','id':'s','data':'eFJkItNHZsVE1CTuP1Pokw==','format':'base64','keyid':'k',"
                    + "'iv':'MDEyMzQ1Njc4OWFiY2RlZg=='}"
            );
            Assert.Equal("hello"u8.ToArray(), daemon.Context.Objects.FindSecret("s")!.Value.ToArray());
        });

    [Fact]
    public void The_schema_describes_every_command_and_names_no_type_that_is_missing() =>
        TestDaemon.Run(async daemon =>
        {
            var entries = ((JsonArray)await daemon.OkAsync("query-qmp-schema")).Cast<JsonObject>().ToList();
            var names = entries.Select(e => e.GetString("name")!).ToHashSet(StringComparer.Ordinal);
            Assert.Equal(entries.Count, names.Count);
            var export = entries.Single(e => e.GetString("name") == "block-export-add").GetString("arg-type");
            var union = entries.Single(e => e.GetString("name") == export);
            Assert.Equal(
                "type id node-name fixed-iothread iothread writable writethrough allow-inactive",
                string.Join(' ', ((JsonArray)union["members"]).Cast<JsonObject>().Select(m => m.GetString("name")))
            );
            var commands = ((JsonArray)await daemon.OkAsync("query-commands"))
                .Cast<JsonObject>()
                .Select(c => c.GetString("name")!);
            Assert.All(commands, command => Assert.Contains(command, names));
            foreach (var used in entries.SelectMany(TypesIn))
            {
                Assert.Contains(used, names);
            }
        });

    private static IEnumerable<string> TypesIn(JsonObject entry)
    {
        foreach (var key in (string[])["arg-type", "ret-type", "element-type"])
        {
            if (entry.GetString(key) is { } used)
            {
                yield return used;
            }
        }
        foreach (var key in (string[])["members", "variants"])
        {
            if (entry.TryGetValue(key, out var list))
            {
                foreach (var type in ((JsonArray)list).Cast<JsonObject>().Select(m => m.GetString("type")))
                {
                    if (type is not null)
                    {
                        yield return type;
                    }
                }
            }
        }
    }
}
