using Tidemark.Block.Contract;

namespace Tidemark.Drivers.Raw;

/// <summary>Making a raw image is making its file.</summary>
internal static class RawCreation
{
    public static readonly ImageCreation? Definition = File.FileCreation.Definition;
}
