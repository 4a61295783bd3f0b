using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Filters.BlkDebug;

/// <summary>
/// A file of rules: sections <c>[inject-error]</c> and <c>[set-state]</c>, each with lines <c>name = "value"</c>; '#' begins a comment.
/// </summary>
internal static class BlkDebugConfig
{
    public static (List<InjectError> Errors, List<SetState> Changes) Parse(string text, string path)
    {
        List<InjectError> errors = [];
        List<SetState> changes = [];
        string? section = null;
        var values = new JsonObject();
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }
            if (line[0] == '[')
            {
                Finish();
                section =
                    line.EndsWith(']') && line[1..^1] is "inject-error" or "set-state"
                        ? line[1..^1]
                        : throw Bad("unknown section");
                values = [];
                continue;
            }
            var (name, value) = ReadMember(line) ?? throw Bad("parse error");
            if (section is null)
            {
                throw Bad("no group defined");
            }
            values[name] = new JsonString(value);
        }
        Finish();
        return (errors, changes);

        void Finish()
        {
            if (section is null)
            {
                return;
            }
            if (!values.ContainsKey("event"))
            {
                throw new BlockException(BlockErrorKind.InvalidOptions, "Missing event name for rule");
            }
            if (section == "inject-error")
            {
                errors.Add(InjectError.Codec.Parse(values, SchemaMode.Keyval));
            }
            else
            {
                changes.Add(SetState.Codec.Parse(values, SchemaMode.Keyval));
            }
        }

        BlockException Bad(string what) =>
            new(BlockErrorKind.InvalidOptions, $"Could not parse blkdebug config file: {path}:{number}: {what}");
    }

    private static (string Name, string Value)? ReadMember(string line)
    {
        var equals = line.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            return null;
        }
        var value = line[(equals + 1)..].Trim();
        return value.Length >= 2 && value[0] == '"' && value[^1] == '"' ? (line[..equals].TrimEnd(), value[1..^1]) : null;
    }
}
