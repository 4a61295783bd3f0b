using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Io.Descriptors;

namespace Tidemark.Control.Commands.Descriptors;

/// <summary>Where these commands find what they act upon.</summary>
internal static class DescriptorLookup
{
    /// <summary>The store, which is there from the first command on wherever there are these commands.</summary>
    public static DescriptorStore RequireDescriptors(this IoEngine engine) =>
        engine.Descriptors ?? throw Invariant.Unreachable("a machine keeps descriptors while it takes commands");
}
