namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>The monitor's language beside the reference: what is no request, and the small queries. Q10.</summary>
public sealed class WireScenarioTests
{
    [Fact]
    public void What_is_no_request_is_refused_alike()
    {
        using var pair = new DaemonPair();
        string[] lines =
        [
            "7",
            "[]",
            "{}",
            "'text'",
            "{'execute':7}",
            "{'execute':'query-version','arguments':[]}",
            "{'execute':'query-version','arguments':{'x':1}}",
            "{'execute':'query-version','extra':1}",
            "{'execute':'none'}",
            "{'execute':'none','id':7}",
            "{'execute':'query-jobs','id':{'a':[1,null,'x']}}",
            "{'exec-oob':'query-jobs'}",
            "{'arguments':{}}",
            "{'id':1}",
            "{'execute':'qmp_capabilities'}",
            "{'execute':'qmp_capabilities','arguments':{'enable':['oob']}}",
            "{'execute':'query-jobs','arguments':null}",
            "{'execute':'block_resize','arguments':{'node-name':'n','size':1e3}}",
            "{'execute':'block_resize','arguments':{'node-name':'n','size':1.5}}",
            "{'execute':'block_resize','arguments':{'node-name':'n','size':9223372036854775808}}",
            "{'execute':'block_resize','arguments':{'node-name':'n','size':18446744073709551616}}",
            "{'execute':'blockdev-add','arguments':{'driver':'null-co','driver':'null-co','node-name':'n'}}",
            "{'execute':'query-jobs',}",
            "{'execute' 'query-jobs'}",
            "{execute:'query-jobs'}",
            "{'execute':'query-jobs'} {'execute':7",
        ];
        foreach (var line in lines.SkipLast(1))
        {
            _ = pair.Line(line);
        }
        pair.CompareState();
    }

    [Fact]
    public void Small_queries_answer_alike()
    {
        using var pair = new DaemonPair();
        foreach (
            var query in (string[])
                [
                    "query-version",
                    "query-status",
                    "query-iothreads",
                    "query-events",
                    "query-jobs",
                    "query-block-jobs",
                    "query-block",
                    "query-block-exports",
                    "query-blockstats",
                    "query-named-block-nodes",
                ]
        )
        {
            _ = pair.Do(query);
            _ = pair.Do(query, "{'none':1}");
        }
        _ = pair.Do("query-blockstats", "{'query-nodes':1}");
    }

    [Fact]
    public void Secrets_in_every_form_are_taken_or_refused_alike()
    {
        using var pair = new DaemonPair();
        const string Key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        const string Iv = "'iv':'MDEyMzQ1Njc4OWFiY2RlZg=='";
        const string Encrypted = $"'keyid':'key',{Iv},'format':'base64'";
        string[] secrets =
        [
            $"'id':'key','data':'{Key}','format':'base64'",
            "'id':'short','data':'abc'",
            "'id':'other','data':'0123456789abcdef0123456789abcdef'",
            $"'data':'eFJkItNHZsVE1CTuP1Pokw==',{Encrypted}",
            $"'data':'rLLc5WgB8/SXxjXk/tlNaQ==',{Encrypted}",
            $"'data':'VzYvxWj3GWUO71i2S26Nn0au/vT+PmoZ5pdjb8PDQyY=',{Encrypted}",
            $"'data':'eHh4eHh4eHh4eHh4eHh4',{Encrypted}",
            $"'data':'',{Encrypted}",
            $"'data':'!',{Encrypted}",
            "'data':'abc','format':'base64'",
            "'data':'a','format':'base64'",
            "'data':'YW\nJj','format':'base64'",
            "'data':'YW Jj','format':'base64'",
            "'data':'=YWJj','format':'base64'",
            "'data':'x','format':'rot13'",
            "'data':'x','keyid':'none'",
            $"'data':'x','keyid':'short',{Iv}",
            "'data':'x','keyid':'key','iv':'AAAA'",
            "'data':'x','keyid':'key','iv':'!!'",
            "'data':'x','iv':'!!'",
            "'data':'x','keyid':'key'",
            $"'data':'xxxxxxxxxxxxxxxx','keyid':'other',{Iv}",
            $"'data':'xxxxxxxxxxxxxxx','keyid':'key',{Iv}",
            "'data':'x','keyid':''",
            "'file':'none'",
            "'file':'/tmp'",
            "'file':'/dev/null'",
            "'file':''",
            "'data':'x','loaded':true",
        ];
        for (var i = 0; i < secrets.Length; i++)
        {
            var id = secrets[i].StartsWith("'id'", StringComparison.Ordinal) ? "" : $"'id':'s{i}',";
            _ = pair.Do("object-add", $"{{'qom-type':'secret',{id}{secrets[i]}}}");
        }
        _ = pair.Do("object-add", "{'qom-type':'iothread','id':'io'}");
        _ = pair.Do("object-add", $"{{'qom-type':'secret','id':'x','data':'x','keyid':'io',{Iv}}}");
        _ = pair.Do("object-del", "{'id':'key'}");
    }

    [Fact]
    public void Objects_come_and_go_alike()
    {
        using var pair = new DaemonPair();
        string[] objects =
        [
            "",
            "'qom-type':'none','id':'x'",
            "'qom-type':'iothread'",
            "'qom-type':'iothread','id':'1x'",
            "'qom-type':'iothread','id':''",
            "'qom-type':'iothread','id':'t','poll-max-ns':-1",
            "'qom-type':'iothread','id':'t','poll-max-ns':'x'",
            "'qom-type':'iothread','id':'t','poll-grow':-1",
            "'qom-type':'iothread','id':'t','aio-max-batch':-1",
            "'qom-type':'iothread','id':'t','extra':1",
            "'qom-type':'iothread','id':'t','thread-pool-max':-1",
            "'qom-type':'iothread','id':'t','thread-pool-max':0",
            "'qom-type':'iothread','id':'t','thread-pool-min':10,'thread-pool-max':5",
            "'qom-type':'iothread','id':'t','thread-pool-min':100",
            "'qom-type':'iothread','id':'pool','thread-pool-min':1,'thread-pool-max':5",
            "'qom-type':'iothread','id':'t','poll-max-ns':32768,'poll-grow':2,'poll-shrink':2,'aio-max-batch':4",
            "'qom-type':'iothread','id':'t'",
            "'qom-type':'secret','id':'s'",
            "'qom-type':'secret','id':'s','data':'x','file':'y'",
            "'qom-type':'secret','id':'s','file':'none'",
            "'qom-type':'secret','id':'s','data':'x!','format':'base64'",
            "'qom-type':'secret','id':'s','data':'x','format':'hex'",
            "'qom-type':'secret','id':'t','data':'x'",
            "'qom-type':'secret','id':'s','data':'x'",
            "'qom-type':'secret','id':'s','data':'x'",
        ];
        foreach (var made in objects)
        {
            _ = pair.Do("object-add", $"{{{made}}}");
        }
        foreach (var id in (string[])["none", "s", "t", "t"])
        {
            _ = pair.Do("object-del", $"{{'id':'{id}'}}");
        }
        _ = pair.Do("object-del");
    }
}
