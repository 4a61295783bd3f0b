using Tidemark.Core.Units;

namespace Tidemark.Control.Tests.Transactions;

/// <summary>Contract T1, T2, T4 for the actions without jobs.</summary>
public sealed class TransactionTests
{
    private const string Everything =
        "{'type':'block-dirty-bitmap-add','data':{'node':'n','name':'new'}},"
        + "{'type':'block-dirty-bitmap-merge','data':{'node':'n','target':'new','bitmaps':['a']}},"
        + "{'type':'block-dirty-bitmap-clear','data':{'node':'n','name':'a'}},"
        + "{'type':'block-dirty-bitmap-disable','data':{'node':'n','name':'a'}},"
        + "{'type':'block-dirty-bitmap-enable','data':{'node':'n','name':'off'}},"
        + "{'type':'block-dirty-bitmap-remove','data':{'node':'n','name':'gone'}}";

    [Fact]
    public void All_actions_hold_in_their_order() =>
        TestDaemon.Run(async daemon =>
        {
            await PrepareAsync(daemon);
            await daemon.OkAsync("transaction", $"{{'actions':[{Everything}]}}");
            Assert.Equal(["new 65536/65536 recording", "off 0/65536 recording", "a 0/65536"], await daemon.BitmapsAsync("n"));
        });

    [Theory]
    [InlineData("{'type':'abort','data':{}}", "Transaction aborted using Abort action")]
    [InlineData("{'type':'block-dirty-bitmap-clear','data':{'node':'n','name':'x'}}", "Dirty bitmap 'x' not found")]
    [InlineData(
        "{'type':'block-dirty-bitmap-clear','data':{'node':'n','name':'gone'}}",
        "Bitmap 'gone' is currently in use by another operation and cannot be used"
    )]
    public void One_refusal_undoes_all_to_the_bit(string last, string text) =>
        TestDaemon.Run(async daemon =>
        {
            await PrepareAsync(daemon);
            var digest = (await daemon.OkAsync("x-debug-block-dirty-bitmap-sha256", "{'node':'n','name':'a'}")).ToJson();
            var before = await daemon.BitmapsAsync("n");
            Assert.Equal(text, await daemon.RefusedAsync("transaction", $"{{'actions':[{Everything},{last}]}}"));
            Assert.Equal(before, await daemon.BitmapsAsync("n"));
            Assert.Equal(digest, (await daemon.OkAsync("x-debug-block-dirty-bitmap-sha256", "{'node':'n','name':'a'}")).ToJson());
            await daemon.OkAsync("block-dirty-bitmap-clear", "{'node':'n','name':'gone'}");
        });

    [Fact]
    public void A_stored_bitmap_stays_in_the_image_when_its_removal_is_undone() =>
        TestDaemon.Run(async daemon =>
        {
            var file = $"{daemon.Folder}/disk.qcow2";
            var qcow2 = daemon.Graph.Drivers.Require("qcow2");
            await qcow2.Creation!.CreateFileAsync(daemon.Graph, file, new() { ["size"] = 1 << 20 }); // qcow2 has creation
            var node = $"{{'driver':'qcow2','node-name':'q','file':{{'driver':'file','filename':'{file}'}}}}";
            await daemon.OkAsync("blockdev-add", node);
            await daemon.OkAsync("block-dirty-bitmap-add", "{'node':'q','name':'kept','persistent':true}");
            await daemon.OkAsync("blockdev-del", "{'node-name':'q'}");
            await daemon.OkAsync("blockdev-add", node);
            const string Remove = "{'type':'block-dirty-bitmap-remove','data':{'node':'q','name':'kept'}}";
            var refusal = await daemon.RefusedAsync("transaction", $"{{'actions':[{Remove},{{'type':'abort','data':{{}}}}]}}");
            Assert.Equal("Transaction aborted using Abort action", refusal);
            var store = Assert.IsAssignableFrom<Block.Contract.IBitmapStore>(daemon.Graph.Require("q").Driver);
            Assert.Equal(["kept"], store.ListStored().Select(static stored => stored.Name));
            await daemon.OkAsync("transaction", $"{{'actions':[{Remove}]}}");
            Assert.Empty(store.ListStored());
        });

    [Theory]
    [InlineData("{}", "Parameter 'actions' is missing")]
    [InlineData("{'actions':5}", "Invalid parameter type for 'actions', expected: array")]
    [InlineData("{'actions':[{'data':{}}]}", "Parameter 'actions[0].type' is missing")]
    [InlineData("{'actions':[{'type':'abort'}]}", "Parameter 'actions[0].data' is missing")]
    [InlineData("{'actions':[{'type':'abort','data':{'y':1}}]}", "Parameter 'actions[0].data.y' is unexpected")]
    [InlineData("{'actions':[{'type':'no-such','data':{}}]}", "Parameter 'type' does not accept value 'no-such'")]
    [InlineData(
        "{'actions':[{'type':'block-dirty-bitmap-add','data':{'node':'n'}}]}",
        "Parameter 'actions[0].data.name' is missing"
    )]
    [InlineData(
        "{'actions':[],'properties':{'completion-mode':'sideways'}}",
        "Parameter 'completion-mode' does not accept value 'sideways'"
    )]
    [InlineData(
        "{'actions':[{'type':'block-dirty-bitmap-clear','data':{'node':'n','name':'a'}}],'properties':{'completion-mode':'grouped'}}",
        "Action 'block-dirty-bitmap-clear' does not support Transaction property completion-mode = grouped"
    )]
    public void What_is_no_transaction_is_refused(string arguments, string text) =>
        TestDaemon.Run(async daemon =>
        {
            await PrepareAsync(daemon);
            Assert.Equal(text, await daemon.RefusedAsync("transaction", arguments));
        });

    private static async Task PrepareAsync(TestDaemon daemon)
    {
        await daemon.AddNodeAsync("n");
        foreach (var name in (string[])["a", "gone", "off"])
        {
            await daemon.OkAsync("block-dirty-bitmap-add", $"{{'node':'n','name':'{name}'}}");
        }
        await daemon.OkAsync("block-dirty-bitmap-disable", "{'node':'n','name':'off'}");
        daemon.Graph.Require("n").Bitmaps.Mark(new ByteRange(70_000, 1));
    }
}
