using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Core.Tests.Schema;

public sealed class SchemaReaderTests
{
    [Theory]
    [InlineData("{}", "Parameter 'node' is missing")]
    [InlineData("{'node':'n'}", "Parameter 'name' is missing")]
    [InlineData("[]", "Invalid parameter type for '<anonymous>', expected: object")]
    [InlineData("{'node':1,'name':'b'}", "Invalid parameter type for 'node', expected: string")]
    [InlineData("{'node':null,'name':'b'}", "Invalid parameter type for 'node', expected: string")]
    [InlineData("{'node':'n','name':'b','granularity':'64k'}", "Parameter 'granularity' expects uint64")]
    [InlineData("{'node':'n','name':'b','granularity':1.5}", "Parameter 'granularity' expects uint64")]
    [InlineData("{'node':'n','name':'b','granularity':-1}", "Parameter 'granularity' expects uint32_t")]
    [InlineData("{'node':'n','name':'b','granularity':4294967296}", "Parameter 'granularity' expects uint32_t")]
    [InlineData("{'node':'n','name':'b','port':65536}", "Parameter 'port' expects uint16_t")]
    [InlineData("{'node':'n','name':'b','errno':2147483648}", "Parameter 'errno' expects int32_t")]
    [InlineData("{'node':'n','name':'b','errno':9223372036854775808}", "Invalid parameter type for 'errno', expected: integer")]
    [InlineData("{'node':'n','name':'b','errno':'1'}", "Invalid parameter type for 'errno', expected: integer")]
    [InlineData("{'node':'n','name':'b','persistent':1}", "Invalid parameter type for 'persistent', expected: boolean")]
    [InlineData("{'node':'n','name':'b','persistant':true}", "Parameter 'persistant' is unexpected")]
    [InlineData("{'node':'n','name':'b','mode':'sideways'}", "Parameter 'mode' does not accept value 'sideways'")]
    [InlineData("{'node':'n','name':'b','mode':5}", "Invalid parameter type for 'mode', expected: string")]
    [InlineData("{'node':'n','name':'b','cache':[]}", "Invalid parameter type for 'cache', expected: object")]
    [InlineData("{'node':'n','name':'b','cache':{'direct':1}}", "Invalid parameter type for 'cache.direct', expected: boolean")]
    [InlineData("{'node':'n','name':'b','cache':{'dir':1}}", "Parameter 'cache.dir' is unexpected")]
    [InlineData("{'node':'n','name':'b','items':5}", "Invalid parameter type for 'items', expected: array")]
    [InlineData("{'node':'n','name':'b','items':['x',5]}", "Invalid parameter type for 'null', expected: BlockDirtyBitmapOrStr")]
    [InlineData("{'node':'n','name':'b','items':['x',{'node':'n'}]}", "Parameter 'items[1].name' is missing")]
    [InlineData("{'node':'n','name':'b','items':['x',{'node':'n','name':'x','z':1}]}", "Parameter 'items[1].z' is unexpected")]
    [InlineData("{'node':'n','name':'b','items':[{'node':1}]}", "Invalid parameter type for 'items[0].node', expected: string")]
    [InlineData("{'node':'n','name':'b','length':9223372036854775808}", "Invalid parameter type for 'length', expected: integer")]
    [InlineData("{'node':'n','name':'b','x-perf':'1'}", "Invalid parameter type for 'x-perf', expected: number")]
    public void Wrong_arguments_get_the_reference_s_words(string json, string error) =>
        Assert.Equal(error, Refusal(() => SampleArguments.Codec.Parse(JsonValue.Parse(json))));

    [Theory]
    [InlineData("{}", "Parameter 'addr' is missing")]
    [InlineData("{'addr':{}}", "Parameter 'addr.type' is missing")]
    [InlineData("{'addr':{'type':'x'}}", "Parameter 'type' does not accept value 'x'")]
    [InlineData("{'addr':{'type':5}}", "Invalid parameter type for 'addr.type', expected: string")]
    [InlineData("{'addr':{'type':'unix'}}", "Parameter 'addr.path' is missing")]
    [InlineData("{'addr':{'type':'unix','path':'p','host':'h'}}", "Parameter 'addr.host' is unexpected")]
    [InlineData("{'addr':'x'}", "Invalid parameter type for 'addr', expected: object")]
    [InlineData("{'addr':{'type':'unix','path':'p'},'more':{'small':128,'modes':[]}}", "Parameter 'small' expects int8_t")]
    [InlineData(
        "{'addr':{'type':'unix','path':'p'},'more':{'small':1,'modes':['z']}}",
        "Parameter 'null' does not accept value 'z'"
    )]
    [InlineData(
        "{'addr':{'type':'unix','path':'p'},'more':{'small':1,'modes':[5]}}",
        "Invalid parameter type for 'more.modes[0]', expected: string"
    )]
    [InlineData(
        "{'addr':{'type':'unix','path':'p'},'more':{'small':1,'modes':[],'backing':5}}",
        "Invalid parameter type for 'backing', expected: BlockdevRefOrNull"
    )]
    public void Unions_and_nested_types_name_the_place(string json, string error) =>
        Assert.Equal(error, Refusal(() => SampleServer.Codec.Parse(JsonValue.Parse(json))));

    [Fact]
    public void All_members_are_read_and_written_back()
    {
        var text =
            "{\"node\": \"n\", \"name\": \"b\", \"granularity\": 65536, \"persistent\": true, \"mode\": \"x-Odd_name\", "
            + "\"cache\": {\"direct\": true}, \"items\": [\"a\", {\"node\": \"m\", \"name\": \"c\"}], \"l2-cache-size\": "
            + "18446744073709551615, \"length\": 5, \"errno\": -5, \"port\": 10809, \"type\": \"k\", \"x-perf\": 1.5, "
            + "\"anything\": [null]}";
        var read = SampleArguments.Codec.Parse(JsonValue.Parse(text));
        Assert.Equal(65536u, read.Granularity);
        Assert.Equal(SampleMode.Odd, read.Mode);
        Assert.True(read.Cache?.Direct);
        Assert.Equal(new SampleExternal("m", "c"), read.Items![1].External);
        Assert.Equal(text, SampleArguments.Codec.Write(read).ToJson());
    }

    [Fact]
    public void What_is_left_out_is_the_default()
    {
        var read = SampleArguments.Codec.Parse(JsonValue.Parse("{'node':'n','name':'b'}"));
        Assert.Equal(new SampleArguments("n", "b"), read);
        Assert.Equal(4096, read.Length);
        Assert.Equal(SampleMode.OnSuccess, read.Mode);
    }

    [Fact]
    public void A_union_gives_the_branch_and_writes_its_tag()
    {
        var text = "{\"addr\": {\"type\": \"unix\", \"path\": \"p\"}, \"max-connections\": 7}";
        var read = SampleServer.Codec.Parse(JsonValue.Parse(text));
        Assert.Equal(new SampleAddress.Unix("p"), read.Addr);
        Assert.Equal(text, SampleServer.Codec.Write(read).ToJson());
    }

    [Fact]
    public void A_late_member_is_checked_by_what_is_registered()
    {
        var definitions = new SchemaDefinitions();
        definitions.Define("BlockdevOptions", SampleExternal.Codec);
        var nested = JsonValue.Parse("{'small':1,'modes':[],'backing':{'node':'x'}}");
        Assert.Equal(
            "Parameter 'backing.name' is missing",
            Refusal(() => SampleOuter.Nested.Codec.Parse(nested, SchemaMode.Strict, definitions))
        );
        Assert.NotNull(SampleOuter.Nested.Codec.Parse(nested).Backing?.Definition);
        var none = SampleOuter.Nested.Codec.Parse(JsonValue.Parse("{'small':1,'modes':[],'backing':null}"), SchemaMode.Lenient);
        Assert.NotNull(none.Backing?.Null);
    }

    [Theory]
    [InlineData(
        "node=n,name=b,granularity=0x10000,persistent=yes,cache.direct=off,items.0=a,items.1.node=m,items.1.name=c",
        null
    )]
    [InlineData("node=n,name=b,granularity=64k", "Parameter 'granularity' expects integer")]
    [InlineData("node=n,name=b,granularity=-1", "Parameter 'granularity' expects uint32_t")]
    [InlineData("node=n,name=b,l2-cache-size=-1", null)]
    [InlineData("node=n,name=b,l2-cache-size=18446744073709551616", "Parameter 'l2-cache-size' expects integer")]
    [InlineData("node=n,name=b,l2-cache-size=1k", "Parameter 'l2-cache-size' expects integer")]
    [InlineData("node=n,name=b,persistent=1", "Parameter 'persistent' expects 'on' or 'off'")]
    [InlineData("node=n,name=b,cache.direct=maybe", "Parameter 'cache.direct' expects 'on' or 'off'")]
    [InlineData("node=n,name=b,cache=5", "Invalid parameter type for 'cache', expected: object")]
    [InlineData("node=n,name=b,items.0.node=x", "Parameter 'items.0.name' is missing")]
    public void Option_strings_are_read_by_the_same_reader(string text, string? error)
    {
        var options = KeyvalParser.Parse(text);
        if (error is null)
        {
            Assert.Equal("n", SampleArguments.Codec.Parse(options, SchemaMode.Keyval).Node);
        }
        else
        {
            Assert.Equal(error, Refusal(() => SampleArguments.Codec.Parse(options, SchemaMode.Keyval)));
        }
    }

    [Theory]
    [InlineData("{'node':'n','name':'b','l2-cache-size':'1.5M'}", 1_572_864UL, null)]
    [InlineData("{'node':'n','name':'b','l2-cache-size':1024,'errno':null}", 1024UL, null)]
    [InlineData(
        "{'node':'n','name':'b','l2-cache-size':'x'}",
        0UL,
        "Parameter 'l2-cache-size' expects a non-negative number below 2^64"
    )]
    [InlineData(
        "{'node':'n','name':'b','l2-cache-size':-1}",
        0UL,
        "Parameter 'l2-cache-size' expects a non-negative number below 2^64"
    )]
    [InlineData(
        "{'node':'n','name':'b','l2-cache-size':'20000P'}",
        0UL,
        "Value '20000P' is out of range for parameter 'l2-cache-size'"
    )]
    [InlineData("{'node':'n','name':'b','errno':'1k'}", 0UL, "Parameter 'errno' expects a number")]
    [InlineData("{'node':'n','name':'b','persistent':1}", 0UL, "Parameter 'persistent' expects 'on' or 'off'")]
    public void Block_options_may_be_of_either_form(string json, ulong size, string? error)
    {
        var options = JsonValue.Parse(json);
        if (error is null)
        {
            Assert.Equal(size, SampleArguments.Codec.Parse(options, SchemaMode.Lenient).L2CacheSize);
        }
        else
        {
            Assert.Equal(error, Refusal(() => SampleArguments.Codec.Parse(options, SchemaMode.Lenient)));
        }
    }

    private static string Refusal(Action action)
    {
        var error = Assert.Throws<BlockException>(action);
        Assert.Equal(BlockErrorKind.InvalidOptions, error.Kind);
        return error.Message;
    }
}
