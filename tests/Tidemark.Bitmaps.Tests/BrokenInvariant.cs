using System.Runtime.CompilerServices;
using Tidemark.Core.Errors;

namespace Tidemark.Bitmaps.Tests;

/// <summary>What a broken invariant becomes under test: a failure of the test rather than of the runner.</summary>
internal sealed class BrokenInvariant(string message) : Exception(message)
{
#pragma warning disable CA2255 // the test program is an executable: this is its start-up
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void ThrowInstead() => Invariant.OnBroken = static message => throw new BrokenInvariant(message);
}
