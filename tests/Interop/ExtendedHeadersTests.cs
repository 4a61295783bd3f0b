using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>
/// Extended headers, which no installed client speaks yet: a client in Python that shares nothing with our code, made from the protocol
/// document alone, finds no deviation.
/// </summary>
public sealed class ExtendedHeadersTests
{
    [Theory]
    [InlineData("qcow2")]
    [InlineData("raw")]
    public void A_client_made_from_the_document_finds_no_deviation(string format)
    {
        Assert.SkipUnless(ProgramRun.Exists("python3"), "python3 is not installed");
        using var folder = TempFolder.InMemory();
        var disk = folder.File("disk");
        _ = Ours.Img("create", "-q", "-f", "qcow2", disk, "24G").MustSucceed();
        var node =
            format == "qcow2"
                ? $"qcow2,node-name=d,discard=unmap,file.driver=file,file.filename={disk}"
                : "raw,node-name=d,file.driver=qcow2,file.discard=unmap,file.file.driver=file,file.file.filename=" + disk;
        using var daemon = Ours.StartDaemon("--blockdev", node);
        _ = daemon.Execute("block-dirty-bitmap-add", """{"node": "d", "name": "b"}""");
        var path = Path.Combine(daemon.Folder, "nbd");
        var address = """{"addr": {"type": "unix", "data": {"path": "PATH"}}}""".Replace("PATH", path, StringComparison.Ordinal);
        _ = daemon.Execute("nbd-server-start", address);
        _ = daemon.Execute(
            "block-export-add",
            """{"type": "nbd", "id": "e", "node-name": "d", "name": "disk", "writable": true, "bitmaps": ["b"]}"""
        );
        var run = ProgramRun.Of("python3", Ours.Script("extended_nbd_client.py"), path, "disk");
        Assert.Equal((0, "no deviation\n"), (run.ExitCode, run.Errors.Trim() + run.Output));
        Assert.Equal(0, daemon.Quit());
    }
}
