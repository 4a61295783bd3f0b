using Tidemark.Block.Contract;
using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Amend;

/// <summary>Changing an image that is open: of its options only the keys of its encryption, and images that have any are not opened.</summary>
internal static class Qcow2Amendment
{
    public static readonly ImageAmendment Definition = new()
    {
        Options = Qcow2AmendOptions.Codec,
        ParseOptions = static json => Qcow2AmendOptions.Codec.Parse(json),
        AmendAsync = static (_, options, _) =>
            ((Qcow2AmendOptions)options).Encrypt is null
                ? ValueTask.CompletedTask
                : throw new BlockException(BlockErrorKind.NotSupported, "image is not encrypted, can't amend"),
    };
}
