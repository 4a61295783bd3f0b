using Tidemark.Core.Json;

namespace Tidemark.Control.Tests.Commands;

public sealed class BlockCommandTests
{
    [Theory]
    [InlineData("blockdev-add", "{}", "Parameter 'driver' is missing")]
    [InlineData("blockdev-add", "{'driver':'x'}", "Parameter 'driver' does not accept value 'x'")]
    [InlineData("blockdev-add", "{'driver':5}", "Invalid parameter type for 'driver', expected: string")]
    [InlineData("blockdev-add", "{'driver':'null-co'}", "'node-name' must be specified for the root node")]
    [InlineData("blockdev-add", "{'driver':'null-co','node-name':'n'}", "Duplicate nodes with node-name='n'")]
    [InlineData("blockdev-add", "{'driver':'null-co','node-name':'bad name'}", "Invalid node-name: 'bad name'")]
    [InlineData("blockdev-add", "{'driver':'null-co','node-name':'m','x':1}", "Parameter 'x' is unexpected")]
    [InlineData("blockdev-add", "{'driver':'null-co','node-name':5}", "Invalid parameter type for 'node-name', expected: string")]
    [InlineData(
        "blockdev-add",
        "{'driver':'null-co','read-only':'on'}",
        "Invalid parameter type for 'read-only', expected: boolean"
    )]
    [InlineData("blockdev-add", "{'driver':'null-co','cache':{'dir':1}}", "Parameter 'cache.dir' is unexpected")]
    [InlineData(
        "blockdev-add",
        "{'driver':'null-co','detect-zeroes':'x'}",
        "Parameter 'detect-zeroes' does not accept value 'x'"
    )]
    [InlineData("blockdev-add", "{'driver':'raw'}", "Parameter 'file' is missing")]
    [InlineData("blockdev-add", "{'driver':'raw','file':5}", "Invalid parameter type for 'file', expected: BlockdevRef")]
    [InlineData("blockdev-add", "{'driver':'raw','file':{'driver':'null-co','x':1}}", "Parameter 'file.x' is unexpected")]
    [InlineData("blockdev-add", "{'driver':'raw','file':{'driver':'raw','file':{}}}", "Parameter 'file.file.driver' is missing")]
    [InlineData(
        "blockdev-add",
        "{'driver':'raw','node-name':'m','file':'nope'}",
        "Cannot find device='nope' nor node-name='nope'"
    )]
    [InlineData("blockdev-del", "{'node-name':'nope'}", "Failed to find node with node-name='nope'")]
    [InlineData("blockdev-del", "{'node-name':'n'}", "Block device n is in use")]
    [InlineData("blockdev-reopen", "{'options':[]}", "Parameter 'options' expects at least one node")]
    [InlineData("blockdev-reopen", "{'options':[{'driver':'raw'}]}", "Parameter 'options[0].file' is missing")]
    [InlineData("blockdev-reopen", "{'options':[{'driver':'null-co'}]}", "node-name not specified")]
    [InlineData(
        "blockdev-reopen",
        "{'options':[{'driver':'null-co','node-name':'nope'}]}",
        "Failed to find node with node-name='nope'"
    )]
    [InlineData(
        "blockdev-reopen",
        "{'options':[{'driver':'raw','node-name':'n','file':'n'}]}",
        "Cannot change the option 'driver'"
    )]
    [InlineData("block_resize", "{'size':1}", "Cannot find device='' nor node-name=''")]
    [InlineData("block_resize", "{'size':1,'node-name':'a','device':'b'}", "Cannot find device='b' nor node-name='a'")]
    [InlineData("block_resize", "{'size':-1,'node-name':'n'}", "Parameter 'size' expects a >0 size")]
    [InlineData("block_resize", "{'size':1.5}", "Invalid parameter type for 'size', expected: integer")]
    public void Refusals_are_worded_as_the_reference_s(string command, string arguments, string text) =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.AddNodeAsync("n");
            await daemon.OkAsync("blockdev-add", "{'driver':'raw','node-name':'user','file':'n'}");
            Assert.Equal(text, await daemon.RefusedAsync(command, arguments));
            Assert.Equal(2, daemon.Graph.Nodes.Count);
        });

    [Fact]
    public void Nodes_come_are_shown_resize_and_go() =>
        TestDaemon.Run(async daemon =>
        {
            var path = Path.Combine(daemon.Folder, "disk.raw");
            await File.WriteAllBytesAsync(path, new byte[1 << 20]);
            await daemon.OkAsync(
                "blockdev-add",
                "{'driver':'raw','node-name':'d','detect-zeroes':'on','file':{'driver':'file','filename':'" + path + "'}}"
            );
            await daemon.OkAsync("block_resize", "{'node-name':'d','size':2097152}");
            var nodes = (JsonArray)await daemon.OkAsync("query-named-block-nodes");
            var node = nodes.Cast<JsonObject>().Single(n => n.GetString("node-name") == "d");
            Assert.Equal((path, "raw", "on"), (node.GetString("file"), node.GetString("drv"), node.GetString("detect_zeroes")));
            Assert.Equal("2097152", ((JsonObject)node["image"])["virtual-size"].ToJson());
            await daemon.OkAsync("blockdev-del", "{'node-name':'d'}");
            Assert.Empty(daemon.Graph.Nodes);
            Assert.Equal(2 << 20, new FileInfo(path).Length);
        });

    [Fact]
    public void A_backing_file_keeps_its_size() =>
        TestDaemon.Run(async daemon =>
        {
            var (low, top) = (Path.Combine(daemon.Folder, "low"), Path.Combine(daemon.Folder, "top"));
            await daemon.AddNodeAsync("n");
            foreach (var path in new[] { low, top })
            {
                await daemon
                    .Graph.Drivers.Require("qcow2")
                    .Creation!.CreateFileAsync( // qcow2 has creation
                        daemon.Graph,
                        path,
                        new JsonObject { ["size"] = 1 << 20 }
                    );
            }
            await daemon.OkAsync(
                "blockdev-add",
                $"{{'driver':'qcow2','node-name':'low','file':{{'driver':'file','filename':'{low}'}}}}"
            );
            await daemon.OkAsync(
                "blockdev-add",
                $"{{'driver':'qcow2','node-name':'top','file':{{'driver':'file','filename':'{top}'}},'backing':'low'}}"
            );
            Assert.Equal(
                "Device 'low' is in use",
                await daemon.RefusedAsync("block_resize", "{'node-name':'low','size':2097152}")
            );
            await daemon.OkAsync("blockdev-del", "{'node-name':'top'}");
            await daemon.OkAsync("block_resize", "{'node-name':'low','size':2097152}");
        });

    [Fact]
    public void An_exported_node_is_a_device_with_both_lists_of_bitmaps() =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.AddNodeAsync("n");
            await daemon.AddNodeAsync("hidden");
            await daemon.OkAsync("block-dirty-bitmap-add", "{'node':'n','name':'b','disabled':true}");
            var socket = Path.Combine(daemon.Folder, "nbd");
            await daemon.OkAsync("nbd-server-start", "{'addr':{'type':'unix','data':{'path':'" + socket + "'}}}");
            await daemon.OkAsync("block-export-add", "{'type':'nbd','id':'e','node-name':'n','writable':true}");
            await daemon.OkAsync("block-export-add", "{'type':'nbd','id':'e2','node-name':'n','name':'again'}");
            var device = (JsonObject)Assert.Single((JsonArray)await daemon.OkAsync("query-block"));
            Assert.Equal("n", device.GetString("device"));
            var legacy = (JsonObject)Assert.Single((JsonArray)device["dirty-bitmaps"]);
            var inserted = (JsonObject)Assert.Single((JsonArray)((JsonObject)device["inserted"])["dirty-bitmaps"]);
            Assert.Equal("disabled", legacy.GetString("status"));
            Assert.False(inserted.ContainsKey("status"));
            Assert.Equal("Node n is in use", await daemon.RefusedAsync("blockdev-del", "{'node-name':'n'}"));
        });

    [Fact]
    public void Names_of_nodes_spell_out_what_the_image_alone_does_not_say() =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.Context.Options.AddBlockdevAsync(
                "blkdebug,node-name=d,image.driver=null-co,image.size=1048576,inject-error.0.event=none,inject-error.0.errno=5,inject-error.0.once=off"
            );
            var nodes = (JsonArray)await daemon.OkAsync("query-named-block-nodes", "{'flat':true}");
            var node = nodes.Cast<JsonObject>().Single(n => n.GetString("node-name") == "d");
            Assert.Equal(
                "json:{\"inject-error.0.once\": false, \"image\": {\"driver\": \"null-co\", \"size\": 1048576}, "
                    + "\"driver\": \"blkdebug\", \"inject-error.0.event\": \"none\", \"inject-error.0.errno\": 5}",
                node.GetString("file")
            );
        });

    [Theory]
    [InlineData("null-co,node-name=m,size=x", "Parameter 'size' expects integer")]
    [InlineData("null-co,node-name=m,cache.direct=maybe", "Parameter 'cache.direct' expects 'on' or 'off'")]
    [InlineData("raw,node-name=m,file.driver=null-co,file.x=1", "Parameter 'file.x' is unexpected")]
    [InlineData("raw,node-name=m,file.driver=x", "Parameter 'driver' does not accept value 'x'")]
    [InlineData("nosuch", "Parameter 'driver' does not accept value 'nosuch'")]
    [InlineData("null-co", "'node-name' must be specified for the root node")]
    [InlineData("{'driver':'null-co','node-name':'m','latency':1}", "Parameter 'latency' is unexpected")]
    public void Command_lines_get_the_reference_s_words_too(string text, string refusal) =>
        TestDaemon.Run(async daemon =>
        {
            var error = await Assert.ThrowsAsync<Core.Errors.BlockException>(async () =>
                await daemon.Context.Options.AddBlockdevAsync(text)
            );
            Assert.Equal(refusal, error.Message);
            Assert.Empty(daemon.Graph.Nodes);
        });
}
