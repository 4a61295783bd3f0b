namespace Tidemark.Io.Tests.Contract;

/// <summary>Where the files of a contract test lie and which engine serves them; every rule of the contract holds in all.</summary>
public enum Place
{
    LinuxMemory,
    LinuxDisk,
    LinuxDirect,
    PoolMemory,
    PoolDisk,
    PoolDirect,
    Simulated,
    SimulatedDirect,
}
