using System.Text;
using Tidemark.Bitmaps.Migration;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Migration;

/// <summary>A node, its name on the wire, and those of its bitmaps that migrate (BitmapMigrationNodeAlias).</summary>
[Schema(Name = "BitmapMigrationNodeAlias")]
internal sealed partial record NodeAlias(string NodeName, string Alias, IReadOnlyList<BitmapAlias> Bitmaps)
{
    /// <summary>Throws <see cref="QmpException"/> unless <paramref name="mapping"/> is one to one, with names that the wire can carry.</summary>
    public static void Check(IReadOnlyList<NodeAlias> mapping)
    {
        HashSet<string> nodes = new(StringComparer.Ordinal);
        HashSet<string> aliases = new(StringComparer.Ordinal);
        foreach (var node in mapping)
        {
            if (!IsWellFormed(node.Alias))
            {
                throw Invalid($"The node alias '{node.Alias}' is not well-formed");
            }
            RequireShort("node", node.Alias);
            if (!nodes.Add(node.NodeName))
            {
                throw Invalid($"The node name '{node.NodeName}' is mapped twice");
            }
            if (!aliases.Add(node.Alias))
            {
                throw Invalid($"The node alias '{node.Alias}' is used twice");
            }
            node.CheckBitmaps();
        }
    }

    private void CheckBitmaps()
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        HashSet<string> aliases = new(StringComparer.Ordinal);
        foreach (var bitmap in Bitmaps)
        {
            RequireShort("bitmap", bitmap.Alias);
            if (!names.Add(bitmap.Name))
            {
                throw Invalid($"The bitmap '{NodeName}'/'{bitmap.Name}' is mapped twice");
            }
            if (!aliases.Add(bitmap.Alias))
            {
                throw Invalid($"The bitmap alias '{Alias}'/'{bitmap.Alias}' is used twice");
            }
        }
    }

    private static void RequireShort(string what, string alias)
    {
        if (Encoding.UTF8.GetByteCount(alias) > MigrationLimits.NameBytes)
        {
            throw Invalid($"The {what} alias '{alias}' is longer than {MigrationLimits.NameBytes} bytes");
        }
    }

    // Aliases of nodes are formed as ids are.
    private static bool IsWellFormed(string alias) =>
        alias.Length > 0
        && char.IsAsciiLetter(alias[0])
        && alias.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');

    private static QmpException Invalid(string why) => new($"Invalid mapping given for block-bitmap-mapping: {why}");
}
