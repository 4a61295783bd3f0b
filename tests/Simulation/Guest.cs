using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Nbd.Client;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Simulation.Tests;

/// <summary>A guest on a connection of its own that never rests, and tells the model what it does.</summary>
internal sealed class Guest : IAsyncDisposable
{
    // Far beyond what a life takes: a job that never ends shows here.
    private const int MostRequests = 100_000;

    // More than any fault lasts.
    private const int MostTries = 1000;

    private readonly Life life;
    private readonly Round round;
    private readonly SimulatedDrive drive;
    private readonly ShadowDisk shadow;
    private readonly IoEngine engine;
    private readonly NbdClient client;
    private readonly int restMicroseconds;

    // A machine that stands still stops its own devices, not who else writes.
    private readonly bool isDevice;

    // The size that it was told when it connected.
    private readonly int cells;
    private bool stopped;

    private Guest(Life life, SimulatedDrive drive, NbdClient client)
    {
        (this.life, this.drive, this.client) = (life, drive, client);
        (round, shadow, engine) = (life.Round, drive.Shadow, life.Engine);
        restMicroseconds = round.Pick(10, 500, 5000);
        isDevice = round.Chance(2);
        cells = shadow.Count;
    }

    /// <summary>Requests so far.</summary>
    public long Requests { get; private set; }

    /// <summary>Connects to the disk's export.</summary>
    public static async Task<Guest> ConnectAsync(Life life, SimulatedDrive drive)
    {
        var channel = await life.Engine.ConnectAsync(life.NbdAddress, CancellationToken.None);
        var opened = await NbdClient.OpenAsync(
            channel,
            new(drive.Shadow.Name, [], life.Round.Pick(Nbd.ReplyStyle.Simple, Nbd.ReplyStyle.Structured, Nbd.ReplyStyle.Extended))
        );
        return new Guest(life, drive, opened);
    }

    /// <summary>Ends <see cref="WorkAsync"/> after the request under way.</summary>
    public void Stop() => stopped = true;

    /// <summary>Requests of all kinds until told to stop.</summary>
    public async Task WorkAsync()
    {
        while (!stopped)
        {
            if (life.Serves(drive, isDevice))
            {
                Must.Hold(++Requests < MostRequests, "the daemon's life comes to an end");
                await RequestAsync();
            }
            await engine.Loop.DelayAsync(TimeSpan.FromMicroseconds(round.Random.Next(restMicroseconds)), CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => client.DisposeAsync();

    private async Task RequestAsync()
    {
        if (round.Chance(8))
        {
            var sentAt = shadow.BeginFlush();
            if (await client.FlushAsync() == IoStatus.Ok)
            {
                shadow.EndFlush(sentAt);
            }
            return;
        }
        var first = round.Random.Next(cells);
        var count = Math.Min(round.Random.Next(1, round.Chance(6) ? 700 : 24), cells - first);
        if (round.Chance(6))
        {
            await LookAsync(first, count);
            return;
        }
        // Some requests begin and end in the midst of a cell, which they write again as it is.
        var isRagged = round.Chance(3) && first > 0 && first + count < cells;
        // A power loss may keep that and lose the rest of a cell that is not durable yet.
        isRagged = isRagged && shadow.IsSettled(first - 1) && shadow.IsSettled(first + count);
        if (!shadow.IsFree(first - (isRagged ? 1 : 0), count + (isRagged ? 2 : 0)))
        {
            return;
        }
        var request = shadow.Begin(
            round.Pick(ShadowVerb.Write, ShadowVerb.Write, ShadowVerb.Write, ShadowVerb.Zero, ShadowVerb.Trim),
            first,
            count
        );
        var fua = round.Chance(10);
        IoStatus status;
        if (isRagged)
        {
            shadow.Reserve(first - 1, 1);
            shadow.Reserve(first + count, 1);
            status = await SendRaggedAsync(request, fua);
            if (!life.HasLeft)
            {
                shadow.Release(first - 1, 1);
                shadow.Release(first + count, 1);
            }
        }
        else
        {
            status = await SendAsync(request, fua);
        }
        Assert.NotEqual(IoStatus.ConnectionReset, status);
        if (!shadow.UnderWay.Contains(request))
        {
            // Who has the disk now has found out.
            return;
        }
        if (status == IoStatus.Ok && request.Verb != ShadowVerb.Trim)
        {
            shadow.End(request, fua);
            return;
        }
        await FindOutAsync(request);
    }

    // It did what it could, or what it liked: the disk itself must tell.
    private async Task FindOutAsync(ShadowRequest request)
    {
        uint[]? found;
        for (var tries = 1; (found = await ReadAsync(request.First, request.Count)) is null; tries++)
        {
            Must.Hold(
                tries < MostTries,
                $"{shadow.Name}: cells from {request.First} can be read after all\n{shadow.StoryOf(request.First)}"
            );
            while (!life.Serves(drive, isDevice: false))
            {
                if (life.HasLeft)
                {
                    // Who has the disk now finds out.
                    return;
                }
                await engine.Loop.DelayAsync(TimeSpan.FromMicroseconds(100), CancellationToken.None);
            }
        }
        if (shadow.UnderWay.Contains(request))
        {
            shadow.End(request, found);
        }
    }

    private ValueTask<IoStatus> SendRaggedAsync(ShadowRequest request, bool fua)
    {
        var (before, after) = (shadow.ValueOf(request.First - 1), shadow.ValueOf(request.End));
        var (head, tail) = (round.Random.Next(Cells.Bytes), round.Random.Next(Cells.Bytes));
        var range = Cells.RangeOf(request.First, request.Count);
        switch (request.Verb)
        {
            case ShadowVerb.Write:
                byte[] data =
                [
                    .. Cells.Fill(before, 1)[^head..],
                    .. Cells.Fill(request.Version, request.Count),
                    .. Cells.Fill(after, 1)[..tail],
                ];
                return client.WriteAsync(range.Offset - head, data, fua);
            case ShadowVerb.Zero:
                (head, tail) = (before == 0 ? head : 0, after == 0 ? tail : 0);
                return client.WriteZeroesAsync(
                    range.Offset - head,
                    head + range.Length + tail,
                    fua ? CommandFlags.Fua : CommandFlags.None
                );
            default:
                return SendAsync(request, fua);
        }
    }

    private ValueTask<IoStatus> SendAsync(ShadowRequest request, bool fua)
    {
        var range = Cells.RangeOf(request.First, request.Count);
        var flags = fua ? CommandFlags.Fua : CommandFlags.None;
        return request.Verb switch
        {
            ShadowVerb.Write => client.WriteAsync(range.Offset, Cells.Fill(request.Version, request.Count), fua),
            ShadowVerb.Zero => client.WriteZeroesAsync(
                range.Offset,
                range.Length,
                flags | (round.Chance(2) ? CommandFlags.NoHole : CommandFlags.None)
            ),
            _ => client.TrimAsync(range.Offset, range.Length, fua: false),
        };
    }

    // While others write there: what it finds was there when it was sent, or is one of theirs, and nothing of any other place.
    private async Task LookAsync(int first, int count)
    {
        var window = shadow.OpenWindow();
        var found = await ReadAsync(first, count);
        shadow.CloseWindow(window);
        for (var i = 0; i < count && found is not null; i++)
        {
            Must.Hold(
                window.Allows(first + i, found[i]),
                $"{shadow.Name}: a guest read {found[i]} in cell {first + i}\n{shadow.StoryOf(first + i)}"
            );
        }
    }

    private async Task<uint[]?> ReadAsync(int first, int count)
    {
        var bytes = new byte[count * Cells.Bytes];
        var status = await client.ReadAsync((long)first * Cells.Bytes, bytes);
        Assert.NotEqual(IoStatus.ConnectionReset, status);
        return status == IoStatus.Ok ? Cells.Read(bytes, $"a guest's read of [{first}, {first + count})") : null;
    }
}
