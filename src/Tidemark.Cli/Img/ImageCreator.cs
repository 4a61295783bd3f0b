using Tidemark.Block.Contract;
using Tidemark.Block.Create;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Img;

/// <summary>Makes a new image as create and convert ask for it: <see cref="NewImage"/> with a command line's errors.</summary>
internal static class ImageCreator
{
    /// <summary>The format; throws "Unknown file format 'x'".</summary>
    public static DriverDefinition RequireFormat(BlockGraph graph, string name) =>
        Told(() => NewImage.RequireFormat(graph, name));

    /// <summary>The options that <paramref name="format"/> takes for a file of this name; throws when it can't be made.</summary>
    public static CreateOptionList OptionsFor(BlockGraph graph, DriverDefinition format, string filename) =>
        new(format, Told(() => NewImage.RequireProtocol(graph, format, filename)));

    /// <summary>Checks the backing file and takes the size from it where none is given.</summary>
    public static async Task CompleteAsync(BlockGraph graph, string filename, CreateOptionList list, bool trustBacking)
    {
        if (list["backing_file"] == filename)
        {
            throw new CommandException("Error: Trying to create an image with the same filename as the backing file");
        }
        if (!trustBacking)
        {
            try
            {
                await NewImage.CheckBackingAsync(graph, filename, list);
            }
            catch (BlockException error)
            {
                throw new CommandException(error.Message);
            }
        }
        if (list["size"] is null)
        {
            throw new CommandException("Image creation needs a size parameter");
        }
    }

    private static T Told<T>(Func<T> body)
    {
        try
        {
            return body();
        }
        catch (BlockException error)
        {
            throw new CommandException(error.Message);
        }
    }
}
