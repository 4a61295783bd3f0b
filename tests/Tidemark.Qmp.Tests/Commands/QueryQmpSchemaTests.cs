using Tidemark.Core.Json;
using Tidemark.Testing;

namespace Tidemark.Qmp.Tests.Commands;

public sealed class QueryQmpSchemaTests
{
    [Fact]
    public void Every_type_that_is_named_is_described_once() =>
        LoopTest.RunLoop(async () =>
        {
            await using var server = new TestServer();
            var lines = await server.TalkAsync("{'execute':'qmp_capabilities'}{'execute':'query-qmp-schema'}");
            var entries = (JsonArray)((JsonObject)JsonValue.Parse(lines[^1]))["return"];
            var names = entries.Cast<JsonObject>().Select(e => e.GetString("name")!).ToList();
            Assert.Equal(names.Count, names.Distinct(StringComparer.Ordinal).Count());
            var byName = entries.Cast<JsonObject>().ToDictionary(e => e.GetString("name")!, StringComparer.Ordinal);
            foreach (var entry in byName.Values)
            {
                foreach (var key in (string[])["arg-type", "ret-type", "element-type"])
                {
                    Assert.True(entry.GetString(key) is not { } used || byName.ContainsKey(used), entry.ToJson());
                }
            }
            Assert.Equal("{\"name\": \"0\", \"members\": [], \"meta-type\": \"object\"}", byName["0"].ToJson());
            Assert.True(((JsonBool)byName["x-now"]["allow-oob"]).Value);
            var version = byName[byName["query-version"].GetString("ret-type")!];
            Assert.Equal(
                "qemu package",
                string.Join(' ', ((JsonArray)version["members"]).Cast<JsonObject>().Select(m => m.GetString("name")))
            );
            var enable = (JsonObject)((JsonArray)byName[byName["qmp_capabilities"].GetString("arg-type")!]["members"])[0];
            Assert.Equal(JsonKind.Null, enable["default"].Kind);
            var words = byName[byName[enable.GetString("type")!].GetString("element-type")!];
            Assert.Equal("[\"oob\"]", words["values"].ToJson());
        });
}
