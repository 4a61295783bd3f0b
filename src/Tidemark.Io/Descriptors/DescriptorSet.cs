using Tidemark.Io.Linux;

namespace Tidemark.Io.Descriptors;

/// <summary>
/// Descriptors of one file or device with different rights. Opening its path gives a duplicate of the one that fits; the set is there as
/// long as it has descriptors, or duplicates of them are in use.
/// </summary>
public sealed class DescriptorSet
{
    private readonly DescriptorSets sets;
    private readonly List<SetDescriptor> descriptors = [];

    internal DescriptorSet(DescriptorSets sets, long id) => (this.sets, Id) = (sets, id);

    /// <summary>Its number, not negative.</summary>
    public long Id { get; }

    /// <summary>What it holds, the oldest first.</summary>
    public IReadOnlyList<SetDescriptor> Descriptors => descriptors;

    /// <summary>Duplicates in use.</summary>
    internal int InUse { get; private set; }

    internal void Add(SetDescriptor descriptor) => descriptors.Add(descriptor);

    /// <summary>Closes the one, or all. False if the one is not there.</summary>
    internal bool Remove(long? descriptor)
    {
        var gone = descriptors.FindAll(d => descriptor is null || d.Number == descriptor);
        gone.ForEach(static d => Libc.Close(d.Number));
        _ = descriptors.RemoveAll(gone.Contains);
        sets.ForgetIfDone(this);
        return descriptor is null || gone.Count > 0;
    }

    /// <summary>The descriptor that was opened with those rights, or -1.</summary>
    internal int Find(int accessMode)
    {
        const int AccessModes = 3;
        return descriptors.Find(d => (Libc.Fcntl(d.Number, Libc.F_GETFL, 0) & AccessModes) == accessMode)?.Number ?? -1;
    }

    internal void Borrow() => InUse++;

    /// <summary>A duplicate is about to be closed; whether it is the last one.</summary>
    internal bool Return()
    {
        InUse--;
        sets.ForgetIfDone(this);
        return InUse == 0;
    }
}
