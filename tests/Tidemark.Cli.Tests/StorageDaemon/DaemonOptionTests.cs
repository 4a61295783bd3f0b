using Tidemark.Testing;

namespace Tidemark.Cli.Tests.StorageDaemon;

[Collection(nameof(OneAtATime))]
public sealed class DaemonOptionTests
{
    private const string Daemon = "qemu-storage-daemon";

    public static TheoryData<string> Mistakes =>
        [
            "foo",
            "--foo",
            "--chardev",
            "-M x",
            "--blockdev foo",
            "--blockdev driver=null-co",
            "--blockdev driver=file,node-name=a",
            "--blockdev driver=null-co,node-name=a --blockdev driver=null-co,node-name=a",
            "--blockdev {\"driver\":",
            "--blockdev help",
            "--chardev foo",
            "--chardev nope,id=c",
            "--chardev socket,path=/nonexistent/s",
            "--chardev socket,id=c",
            "--chardev socket,id=1c,path=/nonexistent/s",
            "--chardev socket,id=c,path=/nonexistent/s",
            "--chardev socket,id=c,path=/nonexistent/s,server=on,wait=off",
            "--chardev socket,id=c,path=/nonexistent/s,server=foo",
            "--chardev socket,id=c,path=/nonexistent/s,foo=bar",
            "--chardev socket,id=c,path=/nonexistent/s,wait=on",
            "--chardev socket,id=c,path=/nonexistent/s,server=on,reconnect=2",
            "--chardev socket,id=c,host=localhost",
            "--chardev socket,id=c,fd=abc",
            "--chardev socket,id=c,fd=7,path=b",
            "--chardev null,id=c --chardev null,id=c",
            "--chardev null,id=c --monitor c --monitor c",
            "--monitor x",
            "--monitor chardev=c,foo=bar",
            "--chardev null,id=c --monitor c,mode=readline",
            "--chardev null,id=c --monitor c,mode=xx",
            "--chardev null,id=c --monitor c,pretty=xx",
            "--chardev null,id=c --monitor c,pretty",
            "--export foo",
            "--export nbd",
            "--export type=nbd,id=e,node-name=x",
            "--blockdev null-co,node-name=n --export nbd,id=e,node-name=n",
            "--nbd-server foo",
            "--nbd-server addr.type=unix",
            "--nbd-server addr.type=xx",
            "--nbd-server addr.type=unix,addr.path=/nonexistent/a",
            "--object foo",
            "--object iothread",
            "--object iothread,id=t0 --object iothread,id=t0",
            "--object secret,id=s",
            "--pidfile /nonexistent/p",
            "--daemonize --chardev stdio,id=c",
        ];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_told_as_the_real_daemon_tells_it(string line)
    {
        Assert.SkipUnless(ProgramRun.Exists(Daemon), "the real daemon is not installed");
        var arguments = line.Split(' ');
        if (arguments[0] == "--daemonize")
        {
            // Ours would start another process, of which this one is not the program.
            return;
        }
        Tool.MustAgree(Daemon, arguments);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("--object help")]
    [InlineData("--object secret,help")]
    [InlineData("--chardev help")]
    public void Help_ends_with_success(string line)
    {
        var run = Tool.Ours(Daemon, line.Split(' '));
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.NotEmpty(run.Output);
    }
}
