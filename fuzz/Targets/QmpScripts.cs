namespace Tidemark.Fuzz.Targets;

/// <summary>Conversations of QMP clients, to be spoilt: between them they give every command, and ids of every type.</summary>
internal static class QmpScripts
{
    private const string Hello = "{'execute':'qmp_capabilities','id':0}\n";

    private const string HelloOutOfBand =
        "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]},\"id\":\"hello\"}\r\n";

    private const string Nodes =
        "{'execute':'blockdev-add','arguments':{'driver':'null-co','node-name':'n','size':1048576,'read-zeroes':true},'id':[1]}\n"
        + "{'execute':'blockdev-add','arguments':{'driver':'null-co','node-name':'t','size':1048576,'latency-ns':1000},'id':{'a':null}}\n";

    private const string Images =
        "{'execute':'blockdev-create','arguments':{'job-id':'c1','options':{'driver':'file','filename':'/made','size':0}}}"
        + "{'execute':'blockdev-add','arguments':{'driver':'file','filename':'/made','node-name':'file'}}"
        + "{'execute':'blockdev-create','arguments':{'job-id':'c2','options':{'driver':'qcow2','file':'file','size':1048576}}}"
        + "{'execute':'blockdev-create','arguments':{'job-id':'c3','options':{'driver':'file','filename':'/to','size':0}}}"
        + "{'execute':'blockdev-add','arguments':{'driver':'file','filename':'/to','node-name':'to'}}"
        + "{'execute':'blockdev-create','arguments':{'job-id':'c4','options':{'driver':'qcow2','file':'to','size':1048576}}}"
        + "{'execute':'blockdev-add','arguments':{'driver':'qcow2','file':'file','node-name':'q'}}"
        + "{'execute':'blockdev-add','arguments':{'driver':'qcow2','file':'to','node-name':'t'}}";

    /// <summary>The scripts.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Hello
            + "{'execute':'query-version','id':1.5}{'execute':'query-commands','id':true}{'execute':'query-qmp-schema'}"
            + "{'execute':'query-block','id':null}{'execute':'query-named-block-nodes','arguments':{'flat':true}}"
            + "{'execute':'query-blockstats','arguments':{'query-nodes':true}}{'execute':'query-jobs'}{'execute':'query-block-jobs'}"
            + "{'execute':'query-block-exports','id':'x'}{'execute':'quit','id':2}{'execute':'query-jobs','id':3}",
        HelloOutOfBand
            + "{\"exec-oob\":\"query-version\",\"id\":7}{\"exec-oob\":\"qmp_capabilities\"}{\"execute\":\"query-jobs\",\"id\":8}"
            + "{\"exec-oob\":\"query-jobs\",\"id\":9}{\"execute\":\"query-jobs\",\"exec-oob\":\"query-jobs\"}",
        Hello
            + Nodes
            + "{'execute':'block-dirty-bitmap-add','arguments':{'node':'n','name':'a','granularity':65536,'persistent':false}}\n"
            + "{'execute':'block-dirty-bitmap-add','arguments':{'node':'n','name':'b','disabled':true}}\n"
            + "{'execute':'block-dirty-bitmap-merge','arguments':{'node':'n','target':'b','bitmaps':['a',{'node':'n','name':'a'}]}}\n"
            + "{'execute':'block-dirty-bitmap-enable','arguments':{'node':'n','name':'b'}}\n"
            + "{'execute':'block-dirty-bitmap-disable','arguments':{'node':'n','name':'b'}}\n"
            + "{'execute':'block-dirty-bitmap-clear','arguments':{'node':'n','name':'a'},'id':''}\n"
            + "{'execute':'x-debug-block-dirty-bitmap-sha256','arguments':{'node':'n','name':'a'}}\n"
            + "{'execute':'block-dirty-bitmap-remove','arguments':{'node':'n','name':'a'}}\n",
        Hello
            + Nodes
            + "{'execute':'transaction','arguments':{'actions':["
            + "{'type':'block-dirty-bitmap-add','data':{'node':'n','name':'x'}},"
            + "{'type':'blockdev-backup','data':{'device':'n','target':'t','sync':'full','job-id':'j','speed':100000,"
            + "'on-source-error':'stop','on-target-error':'ignore','x-perf':{'max-workers':3,'max-chunk':65536}}}],"
            + "'properties':{'completion-mode':'individual'}},'id':5}\n"
            + "{'execute':'block-job-pause','arguments':{'device':'j'}}{'execute':'block-job-resume','arguments':{'device':'j'}}"
            + "{'execute':'block-job-set-speed','arguments':{'device':'j','speed':0}}"
            + "{'execute':'job-pause','arguments':{'id':'j'}}{'execute':'job-resume','arguments':{'id':'j'}}"
            + "{'execute':'block-job-cancel','arguments':{'device':'j','force':true}}{'execute':'job-cancel','arguments':{'id':'j'}}",
        Hello
            + Nodes
            + "{'execute':'block-dirty-bitmap-add','arguments':{'node':'n','name':'x'}}"
            + "{'execute':'blockdev-backup','arguments':{'device':'n','target':'t','sync':'bitmap','bitmap':'x','bitmap-mode':'always',"
            + "'job-id':'k','auto-finalize':false,'auto-dismiss':false,'filter-node-name':'f','compress':false}}"
            + "{'execute':'job-finalize','arguments':{'id':'k'}}{'execute':'job-dismiss','arguments':{'id':'k'}}"
            + "{'execute':'block-job-finalize','arguments':{'id':'k'}}{'execute':'block-job-dismiss','arguments':{'id':'k'}}"
            + "{'execute':'job-complete','arguments':{'id':'k'}}{'execute':'block-job-complete','arguments':{'device':'k'}}",
        Hello
            + "{'execute':'blockdev-create','arguments':{'job-id':'c','options':{'driver':'file','filename':'/made','size':1048576}}}"
            + "{'execute':'job-dismiss','arguments':{'id':'c'}}"
            + "{'execute':'blockdev-add','arguments':{'driver':'file','filename':'/made','node-name':'file'}}"
            + "{'execute':'blockdev-create','arguments':{'job-id':'d','options':{'driver':'qcow2','file':'file','size':1048576,"
            + "'cluster-size':65536,'version':'v3','lazy-refcounts':true}}}{'execute':'job-dismiss','arguments':{'id':'d'}}"
            + "{'execute':'blockdev-add','arguments':{'driver':'qcow2','file':'file','node-name':'q','discard':'unmap'}}"
            + "{'execute':'block-dirty-bitmap-add','arguments':{'node':'q','name':'kept','persistent':true}}"
            + "{'execute':'block_resize','arguments':{'node-name':'q','size':2097152}}"
            + "{'execute':'blockdev-reopen','arguments':{'options':[{'driver':'qcow2','file':'file','node-name':'q','read-only':true}]}}"
            + "{'execute':'blockdev-del','arguments':{'node-name':'q'}}",
        Hello
            + Nodes
            + "{'execute':'nbd-server-start','arguments':{'addr':{'type':'unix','data':{'path':'/nbd'}},'max-connections':1}}"
            + "{'execute':'block-export-add','arguments':{'type':'nbd','id':'e','node-name':'n','writable':true,'name':'e'}}"
            + "{'execute':'nbd-server-add','arguments':{'device':'t','name':'old','bitmap':'none'}}"
            + "{'execute':'block-export-del','arguments':{'id':'e','mode':'hard'}}"
            + "{'execute':'nbd-server-remove','arguments':{'name':'old','mode':'safe'}}{'execute':'nbd-server-stop'}"
            + "{'execute':'nbd-server-start','arguments':{'addr':{'type':'inet','data':{'host':'127.0.0.1','port':'10809'}}}}",
        Hello
            + "{'execute':'object-add','arguments':{'qom-type':'secret','id':'s','data':'x','format':'raw'}}"
            + "{'execute':'object-add','arguments':{'qom-type':'iothread','id':'i'}}{'execute':'object-del','arguments':{'id':'s'}}"
            + "{'execute':'blockdev-add','arguments':{'driver':'raw','node-name':'r','offset':512,'size':4096,"
            + "'file':{'driver':'blkdebug','image':{'driver':'file','filename':'/raw'},"
            + "'inject-error':[{'event':'none','errno':5,'once':true}]}}}"
            + "{'execute':'blockdev-add','arguments':{'driver':'copy-before-write','node-name':'c','file':'r',"
            + "'target':{'driver':'null-co','size':4096}}}"
            + "{'execute':'blockdev-add','arguments':{'driver':'nbd','server':{'type':'unix','path':'/none'},'node-name':'x'}}",
        Hello
            + Images
            + "{'execute':'blockdev-mirror','arguments':{'job-id':'m','device':'q','target':'t','sync':'full','copy-mode':'write-blocking',"
            + "'granularity':65536,'buf-size':1048576,'on-source-error':'enospc','on-target-error':'stop','replaces':'q'}}"
            + "{'execute':'job-complete','arguments':{'id':'m'}}{'execute':'query-block-jobs'}"
            + "{'execute':'block-job-change','arguments':{'id':'m','type':'mirror','copy-mode':'write-blocking'}}"
            + "{'execute':'drive-mirror','arguments':{'job-id':'d','device':'q','target':'/copy','sync':'top','mode':'absolute-paths'}}"
            + "{'execute':'block-job-cancel','arguments':{'device':'d'}}{'execute':'block-job-complete','arguments':{'device':'m'}}",
        Hello
            + Images
            + "{'execute':'drive-backup','arguments':{'job-id':'b','device':'q','target':'/kept','sync':'full','format':'qcow2',"
            + "'compress':true,'speed':1048576}}{'execute':'blockdev-snapshot-internal-sync','arguments':{'device':'q','name':'s'}}"
            + "{'execute':'blockdev-snapshot-sync','arguments':{'node-name':'q','snapshot-file':'/over','snapshot-node-name':'o'}}"
            + "{'execute':'block-commit','arguments':{'job-id':'c','device':'o'}}{'execute':'job-complete','arguments':{'id':'c'}}"
            + "{'execute':'block-stream','arguments':{'job-id':'s','device':'o','base-node':'q','on-error':'ignore'}}"
            + "{'execute':'change-backing-file','arguments':{'device':'o','image-node-name':'o','backing-file':'/made'}}"
            + "{'execute':'blockdev-snapshot-delete-internal-sync','arguments':{'device':'q','id':'1','name':'s'}}"
            + "{'execute':'transaction','arguments':{'actions':[{'type':'blockdev-snapshot-internal-sync','data':{'device':'q','name':'u'}},"
            + "{'type':'abort','data':{}}]}}",
        Hello
            + Images
            + "{'execute':'object-add','arguments':{'qom-type':'throttle-group','id':'g','limits':{'iops-total':100}}}"
            + "{'execute':'blockdev-add','arguments':{'driver':'throttle','node-name':'f','throttle-group':'g','file':'q'}}"
            + "{'execute':'blockdev-add','arguments':{'driver':'copy-on-read','node-name':'r','file':'f'}}"
            + "{'execute':'blockdev-add','arguments':{'driver':'compress','node-name':'p','file':'t'}}"
            + "{'execute':'blockdev-reopen','arguments':{'options':[{'driver':'copy-on-read','node-name':'r','file':'q'}]}}"
            + "{'execute':'qom-set','arguments':{'path':'/objects/g','property':'limits','value':{'iops-total':7}}}"
            + "{'execute':'x-tidemark-fleecing-start','arguments':{'node':'q','access-node-name':'past','scratch-directory':'/'}}"
            + "{'execute':'x-tidemark-query-fleecing'}{'execute':'x-tidemark-fleecing-stop','arguments':{'access-node-name':'past'}}"
            + "{'execute':'blockdev-set-active','arguments':{'node-name':'t','active':false}}"
            + "{'execute':'blockdev-set-active','arguments':{'active':true}}",
        string.Concat(Enumerable.Range(0, 300).Select(static i => $"{{'execute':'query-jobs','id':{i}}}")),
        Hello
            + "{'execute':'query-jobs',}\u0001[[[[{'a':\"\\ud800\"}]]]]\xff{'execute':12}{'arguments':{}}{'execute':'x','surplus':1}nonsense 5 'x'",
    ];
}
