namespace Tidemark.Simulation.Tests;

/// <content>Migrations: the machine goes on elsewhere, with its disks and their bitmaps.</content>
internal sealed partial class Operator
{
    private bool isFlying;

    // Nothing else is under way that has a disk, and every disk can be opened a second time by what is known of it.
    private bool MayFly =>
        life.HasMachine
        && !isFlying
        && jobs.Count == 0
        && Round.Drives.TrueForAll(static d =>
            d is { HasJob: false, Pasts: 0, Mirror: null, IsImplicit: false, HasSpoiltBase: false }
        );

    // Bitmaps may be changed until the machine has stopped, and are refused where they travel.
    private bool MayAct(SimulatedDrive drive) => life.Serves(drive, isDevice: true);

    private async Task FlyAsync()
    {
        isFlying = true;
        life.Flights++;
        await new Flight(life).FlyAsync();
        isFlying = false;
    }
}
