using Tidemark.Nbd.Wire;

namespace Tidemark.Nbd.Handshake;

/// <summary>The counted export name with which the data of four options begins, and what is said when it is wrong.</summary>
internal static class ExportNameField
{
    /// <summary>Takes the name; when it is malformed returns false, with the reason for the client in <paramref name="error"/>.</summary>
    public static bool TryTake(scoped ref WireReader reader, OptionType option, out ReadOnlySpan<byte> name, out string error)
    {
        var length = reader.Take32();
        name = default;
        error = "";
        if (length > Limits.MaxStringBytes)
        {
            error = $"Invalid name length: {length}";
            return false;
        }
        name = reader.Take(length);
        if (reader.Failed)
        {
            error = Inconsistent(option);
            return false;
        }
        if (!WireText.IsName(name))
        {
            error = $"Unexpected embedded NUL in option {option.Describe()}";
            return false;
        }
        return true;
    }

    /// <summary>The lengths inside the data don't add up.</summary>
    public static string Inconsistent(OptionType option) => $"Inconsistent lengths in option {option.Describe()}";
}
