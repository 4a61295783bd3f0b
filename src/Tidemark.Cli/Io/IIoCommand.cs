using Tidemark.Block.Contract;

namespace Tidemark.Cli.Io;

/// <summary>A command of qemu-io; listed in <see cref="IoCommands"/>.</summary>
internal interface IIoCommand
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>A short name, or null.</summary>
    string? ShortName => null;

    /// <summary>What it takes, for the help ("[-q] off len").</summary>
    string Syntax { get; }

    /// <summary>What it does, in one line.</summary>
    string Summary { get; }

    /// <summary>More about it, lines; null if there is no more to say.</summary>
    string? Help => null;

    /// <summary>The letters it takes, as the C library's getopt reads them: "qvP:".</summary>
    string Letters => "";

    /// <summary>Whether words that begin with '-' are no options.</summary>
    bool TakesWordsAsTheyAre => false;

    /// <summary>Fewest words after the name.</summary>
    int LeastWords => 0;

    /// <summary>Most words after the name, -1 for any number.</summary>
    int MostWords => 0;

    /// <summary>Whether it needs an open image.</summary>
    bool NeedsImage => true;

    /// <summary>What it must be allowed on the image, beyond reading.</summary>
    BlockPermissions Required => BlockPermissions.None;

    /// <summary>Does it; returns whether it succeeded. Throws <see cref="IoCommandException"/> or BlockException.</summary>
    ValueTask<bool> RunAsync(IoSession session, IoWords words);
}
