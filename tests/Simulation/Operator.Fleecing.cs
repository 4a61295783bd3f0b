using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;

namespace Tidemark.Simulation.Tests;

/// <content>Fleecing: the past is read again and again while guests write, and never changes.</content>
internal sealed partial class Operator
{
    private async Task FleeceAsync(SimulatedDrive drive)
    {
        var name = Round.NewName("past");
        var window = drive.Shadow.OpenWindow();
        string? refused;
        try
        {
            refused = await life.TryAsync(
                "x-tidemark-fleecing-start",
                $"{{'node':'{drive.Name}','access-node-name':'{name}','scratch-directory':'/','on-cbw-error':'"
                    + $"{Round.Pick("break-snapshot", "break-guest-write")}','cbw-timeout':0}}"
            );
        }
        finally
        {
            drive.Shadow.CloseWindow(window);
        }
        if (refused is null)
        {
            drive.Pasts++;
            jobs.Add(ReadPastAsync(drive, name, window));
            return;
        }
        Must.Hold(MayFail, $"a disk is fleeced: {refused}");
    }

    private bool MayFail => Round.Machine.Faults.Fired > 0 || life.HadFaults;

    private async Task ReadPastAsync(SimulatedDrive drive, string name, Instant moment)
    {
        uint[]? first = null;
        for (var reads = Round.Random.Next(1, 5); reads > 0 && !life.IsEnding; reads--)
        {
            await life.Engine.Loop.DelayAsync(
                TimeSpan.FromMicroseconds(Round.Random.Next(Round.Pick(100, 20_000))),
                CancellationToken.None
            );
            if (life.IsEnding)
            {
                return;
            }
            var found = await ReadInPiecesAsync(life.Graph.Require(name), name);
            if (found is null)
            {
                Must.Hold(MayFail, $"{name} is read");
                break;
            }
            for (var cell = 0; cell < found.Length; cell++)
            {
                Must.Hold(
                    moment.Allows(cell, found[cell]),
                    $"{name}: cell {cell} is {found[cell]}, which it never was then\n{drive.Shadow.StoryOf(cell)}"
                );
                Must.Hold(
                    first is null || first[cell] == found[cell],
                    $"{name}: cell {cell} was {first?[cell]} and is {found[cell]}\n{drive.Shadow.StoryOf(cell)}"
                );
            }
            first = found;
        }
        if (!life.IsEnding)
        {
            await life.MustAsync("x-tidemark-fleecing-stop", $"{{'access-node-name':'{name}'}}");
            drive.Pasts--;
        }
    }

    private async Task<uint[]?> ReadInPiecesAsync(BlockNode node, string what)
    {
        await using var reader = BlockBackend.Create(node, BlockPermissions.ConsistentRead, BlockPermissions.All);
        var bytes = new byte[node.SizeBytes];
        for (var offset = 0; offset < bytes.Length; )
        {
            var length = Math.Min(Round.Random.Next(1, Round.Pick(1000, 100_000)), bytes.Length - offset);
            if (await reader.ReadAsync(new(offset, length), bytes.AsMemory(offset, length)) != IoStatus.Ok)
            {
                return null;
            }
            offset += length;
        }
        return Cells.Read(bytes, what);
    }
}
