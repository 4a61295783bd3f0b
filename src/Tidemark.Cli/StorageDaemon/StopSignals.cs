using System.Runtime.InteropServices;
using Tidemark.Io.Loop;

namespace Tidemark.Cli.StorageDaemon;

/// <summary>SIGTERM, SIGINT and SIGHUP end the daemon in good order: they call <c>stop</c> on the loop instead of killing.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly PosixSignalRegistration[] registrations;

    /// <summary>Begins to listen.</summary>
    public StopSignals(EventLoop loop, Action stop)
    {
        registrations =
        [
            .. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP }.Select(signal =>
                PosixSignalRegistration.Create(
                    signal,
                    context =>
                    {
                        context.Cancel = true;
                        loop.Post(_ => stop(), null);
                    }
                )
            ),
        ];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }
    }
}
