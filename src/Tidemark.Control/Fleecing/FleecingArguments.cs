using Tidemark.Control.Commands.Bitmap;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Fleecing;

/// <summary>What x-tidemark-fleecing-start takes.</summary>
/// <param name="Node">The disk, by node name or device: exported, attached, whatever.</param>
/// <param name="AccessNodeName">Name of the node through which the past is read; also what the fleecing goes by from then on.</param>
/// <param name="FilterNodeName">Name of the filter above the disk; one is made up if it is left out.</param>
/// <param name="Target">A node of the disk's size that takes old data; without it a file that nobody else sees.</param>
/// <param name="ScratchDirectory">Where that file is made; without it TMPDIR, or /var/tmp.</param>
/// <param name="Bitmap">Only what is dirty in it at this moment is kept: one of the disk by its name, or any.</param>
/// <param name="OnCbwError">What gives way when old data can't be saved: the past, if nothing is said.</param>
/// <param name="CbwTimeout">Seconds after which saving counts as failed; 0 waits for ever.</param>
[Schema]
internal sealed partial record FleecingArguments(
    string Node,
    string AccessNodeName,
    string? FilterNodeName = null,
    string? Target = null,
    string? ScratchDirectory = null,
    BitmapReference? Bitmap = null,
    FleecingErrorMode? OnCbwError = null,
    uint? CbwTimeout = null
);
