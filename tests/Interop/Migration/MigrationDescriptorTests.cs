using System.IO.Pipes;
using System.Runtime.InteropServices;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Migration;

/// <summary>Migrations to and from descriptors that a client has passed: pipes, files and what is neither. Rule M1.</summary>
public sealed class MigrationDescriptorTests
{
    [Theory]
    [MemberData(nameof(MigrationTests.Ways), MemberType = typeof(MigrationTests))]
    public void A_stream_goes_through_a_pipe(MachineKind source, MachineKind target)
    {
        using var flight = MachineFlight.Between(source, target);
        flight.Add("b");
        flight.Add("fine", ", \"granularity\": 512");
        MachineFlight.Write(flight.Source, "3M 1M");
        using (var pipe = new AnonymousPipeServerStream(PipeDirection.Out))
        {
            Pass(flight.Target, pipe.ClientSafePipeHandle);
            Pass(flight.Source, pipe.SafePipeHandle);
            pipe.DisposeLocalCopyOfClientHandle();
        }
        _ = flight.Target.Execute("migrate-incoming", """{"uri": "fd:x"}""");
        _ = flight.Source.Execute("migrate", """{"uri": "fd:x"}""");
        Assert.Equal("completed", MachineFlight.End(flight.Source));
        Assert.Equal("completed", MachineFlight.End(flight.Target));
        Assert.Equal(MachineFlight.Bitmaps(flight.Source), MachineFlight.Bitmaps(flight.Target).Reverse());
    }

    [Theory]
    [MemberData(nameof(MigrationTests.Ways), MemberType = typeof(MigrationTests))]
    public void A_stream_lies_in_a_file_from_where_its_descriptor_is(MachineKind source, MachineKind target)
    {
        using var flight = MachineFlight.Between(source, target);
        using var folder = TempFolder.InMemory();
        var path = Path.Combine(folder.Path, "stream");
        File.WriteAllText(path, "what was there before");
        flight.Add("b");
        MachineFlight.Write(flight.Source, "3M 1M");
        using (var file = File.Open(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        {
            Pass(flight.Source, file.SafeFileHandle);
        }
        _ = flight.Source.Execute("migrate", """{"uri": "fd:x"}""");
        Assert.Equal("completed", MachineFlight.End(flight.Source));
        Assert.StartsWith(
            "what was there beforeQEVM",
            File.ReadAllText(path, System.Text.Encoding.Latin1),
            StringComparison.Ordinal
        );
        using (var file = File.Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            _ = file.Seek("what was there before".Length, SeekOrigin.Begin);
            Pass(flight.Target, file.SafeFileHandle);
        }
        _ = flight.Target.Execute("migrate-incoming", """{"uri": "fd:x"}""");
        Assert.Equal("completed", MachineFlight.End(flight.Target));
        Assert.Equal(MachineFlight.Bitmaps(flight.Source), MachineFlight.Bitmaps(flight.Target));
    }

    [Theory]
    [InlineData("/dev/full", FileAccess.ReadWrite)]
    [InlineData("/dev/null", FileAccess.Read)]
    [InlineData("/etc/hostname", FileAccess.Read)]
    public void What_can_not_be_written_to_leaves_the_source_as_it_was(string path, FileAccess access)
    {
        Assert.Equal(Tell(MachineKind.Real), Tell(MachineKind.Ours));

        string Tell(MachineKind kind)
        {
            using var flight = MachineFlight.Between(kind, MachineKind.Ours, paused: false);
            flight.Add("b");
            var before = MachineFlight.Bitmaps(flight.Source);
            using (var file = File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite))
            {
                Pass(flight.Source, file);
            }
            _ = flight.Source.Execute("migrate", """{"uri": "fd:x"}""");
            Assert.Equal("failed", MachineFlight.End(flight.Source));
            Assert.Equal(before, MachineFlight.BitmapsAtRest(flight.Source));
            return $"{flight.Source.Execute("query-migrate")} {string.Join(' ', MachineFlight.Events(flight.Source))}";
        }
    }

    [Theory]
    [InlineData("migrate", "none")]
    [InlineData("migrate", "")]
    [InlineData("migrate", "0")]
    [InlineData("migrate", "99")]
    [InlineData("migrate", "-1")]
    [InlineData("migrate-incoming", "none")]
    [InlineData("migrate-incoming", "")]
    [InlineData("migrate-incoming", "-1")]
    [InlineData("migrate-incoming", "1x")]
    [InlineData("migrate-incoming", "0x1")]
    [InlineData("migrate-incoming", "99999999999")]
    public void What_is_no_descriptor_is_refused_alike(string command, string text)
    {
        Assert.Equal(Tell(MachineKind.Real), Tell(MachineKind.Ours));

        string Tell(MachineKind kind)
        {
            using var flight = MachineFlight.Between(kind, kind);
            var machine = command == "migrate" ? flight.Source : flight.Target;
            var reply = machine.ExecuteRefused(command, $$"""{"uri": "fd:{{text}}"}""");
            return $"{reply} {machine.Execute("query-migrate")} {string.Join(' ', MachineFlight.Events(machine))}";
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1x")]
    [InlineData("none")]
    public void Nor_does_a_machine_start_with_it(string text)
    {
        string[] options = ["-machine", "none", "-nodefaults", "-display", "none", "-incoming", $"fd:{text}"];
        var (expected, found) = (
            ProgramRun.Of("qemu-system-x86_64", options),
            ProgramRun.Of(Ours.Program("qemu-system-x86_64"), options)
        );
        Assert.Equal(expected.ExitCode, found.ExitCode);
        Assert.Equal(expected.Errors, found.Errors);
    }

    [Fact]
    public void A_pipe_that_nobody_reads_is_given_up_at_once()
    {
        using var flight = MachineFlight.Between(MachineKind.Ours, MachineKind.Ours, paused: false);
        for (var i = 0; i < 200; i++)
        {
            flight.Add($"b{i}", ", \"granularity\": 512");
        }
        for (var megabyte = 0; megabyte < 64; megabyte += 4)
        {
            MachineFlight.Write(flight.Source, $"{megabyte}M 512");
        }
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        Pass(flight.Source, pipe.SafePipeHandle);
        _ = flight.Source.Execute("migrate-set-parameters", """{"downtime-limit": 2000000}""");
        _ = flight.Source.Execute("migrate", """{"uri": "fd:x"}""");
        Thread.Sleep(200);
        _ = flight.Source.Execute("migrate_cancel");
        Assert.Equal("cancelled", MachineFlight.End(flight.Source));
        Assert.Equal("running", MachineFlight.State(flight.Source));
    }

    private static void Pass(RealQemu machine, SafeHandle handle) =>
        _ = machine.AskLine("{'execute':'getfd','arguments':{'fdname':'x'}}", (int)handle.DangerousGetHandle());
}
