using System.Text;
using Tidemark.Core.Errors;
using Tidemark.Io.Linux;
using Tidemark.Testing;

namespace Tidemark.Io.Tests.Linux;

public sealed class StdioTests
{
    [Fact]
    public void A_pipe_is_read_and_written_without_blocking_the_loop() =>
        LoopTest.Run(async engine =>
        {
            using var there = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
            using var back = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.In);
            var input = (int)there.ClientSafePipeHandle.DangerousGetHandle();
            var output = (int)back.ClientSafePipeHandle.DangerousGetHandle();
            await using var channel = new StdioChannel((KernelEngine)engine, input, output);
            var buffer = new byte[100];
            var receive = channel.ReceiveAsync(buffer);
            // The loop turns while the read waits.
            await engine.Loop.DelayAsync(TimeSpan.FromMilliseconds(5), CancellationToken.None);
            Assert.False(receive.IsCompleted);
            there.Write("hello"u8);
            var read = await receive;
            Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, read.Count));
            Assert.Equal(IoStatus.Ok, await channel.SendAsync("answer"u8.ToArray()));
            Assert.Equal(6, back.Read(buffer, 0, 100));
            receive = channel.ReceiveAsync(buffer);
            channel.Abort();
            Assert.True((await receive).IsEnd);
            there.Dispose();
        });
}
