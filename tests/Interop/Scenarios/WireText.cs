using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>
/// Replies and events of two programs made comparable: members in order of their names, and without what differs from run to run
/// (times, generated names, folders, how much of a file is allocated) or by design (the package's name).
/// </summary>
internal static partial class WireText
{
    private static readonly HashSet<string> PerRun =
    [
        "actual-size",
        "date-nsec",
        "date-sec",
        "fd",
        "package",
        "timestamp",
        "vm-clock-nsec",
        "vm-clock-sec",
    ];

    // Told by newer releases than the one beside us.
    private static readonly HashSet<string> Newer = ["active", "actively-synced"];

    /// <summary>A message without what is a run's own.</summary>
    public static JsonNode? Normalise(JsonElement message, string folder) =>
        Normalise(JsonNode.Parse(message.GetRawText()), folder);

    /// <summary>Where two normalised messages differ first, or null.</summary>
    public static string? Difference(JsonNode? expected, JsonNode? found, string path = "")
    {
        switch (expected, found)
        {
            case (JsonObject left, JsonObject right):
                return left.Select(static member => member.Key)
                    .Union(right.Select(static member => member.Key))
                    .Select(name => Difference(left[name], right[name], $"{path}.{name}"))
                    .FirstOrDefault(static difference => difference is not null);
            case (JsonArray left, JsonArray right) when left.Count == right.Count:
                return Enumerable
                    .Range(0, left.Count)
                    .Select(index => Difference(left[index], right[index], $"{path}[{index}]"))
                    .FirstOrDefault(static difference => difference is not null);
            case (JsonValue left, JsonValue right)
                when left.TryGetValue<string>(out var text) && text == "Device '(null)' is in use":
                // The reference, asked to resize a node by its name, does not know what to call it.
                return InUse().IsMatch((string?)right ?? "") ? null : $"at {path}: {right} instead of {left}";
            default:
                return JsonNode.DeepEquals(expected, found)
                    ? null
                    : $"at {path}\nreference: {Of(expected)}\nours:      {Of(found)}";
        }
    }

    /// <summary>
    /// A daemon's events so far: those of each subject in order, subjects in the order of their names. A job's short pauses are
    /// left out: whether a drain still finds it at work is a matter of time. So are members that the caller names.
    /// </summary>
    public static string Events(RealQemu daemon, params string[] exceptFor)
    {
        var events = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var message in daemon.EventHistory)
        {
            var data = message.TryGetProperty("data", out var found) ? Normalise(found, daemon.Folder) : null;
            var subject = (string?)(data?["id"] ?? data?["device"]) ?? "";
            if (!events.TryGetValue(subject, out var list))
            {
                events.Add(subject, list = []);
            }
            var before = (string?)data?["status"] switch
            {
                "running" => "\"paused\"",
                "ready" => "\"standby\"",
                _ => null,
            };
            if (before is not null && list.Count > 0 && list[^1].Contains(before, StringComparison.Ordinal))
            {
                list.RemoveAt(list.Count - 1);
                continue;
            }
            // How far a job came that failed depends on how many of its requests are on their way together.
            if (data is JsonObject told && told.ContainsKey("error"))
            {
                _ = told.Remove("offset");
            }
            foreach (var name in exceptFor)
            {
                _ = (data as JsonObject)?.Remove(name);
            }
            var line = $"{message.GetProperty("event").GetString()} {Of(data)}";
            // So does how often it tells of the fault, one for each of them.
            if (list.Count == 0 || list[^1] != line)
            {
                list.Add(line);
            }
        }
        return string.Concat(events.Select(static pair => $"\n  {pair.Key}\n    {string.Join("\n    ", pair.Value)}"));
    }

    private static JsonNode? Normalise(JsonNode? node, string folder)
    {
        switch (node)
        {
            case JsonObject members:
                var sorted = new JsonObject();
                foreach (var (name, value) in members.OrderBy(static member => member.Key, StringComparer.Ordinal))
                {
                    if (Newer.Contains(name) || (value is JsonArray { Count: > 0 } list && list.All(IsHelperBitmap)))
                    {
                        continue;
                    }
                    sorted[name] = PerRun.Contains(name) || IsLengthOfFile(members, name) ? name : Normalise(value, folder);
                }
                return sorted;
            case JsonArray items:
                return new JsonArray([
                    .. items.Where(static item => !IsHelperBitmap(item)).Select(item => Normalise(item, folder)),
                ]);
            case JsonValue value when value.TryGetValue<string>(out var text):
                if (text.StartsWith("json:", StringComparison.Ordinal))
                {
                    // Its members come in no order of anyone's making.
                    return Normalise(JsonNode.Parse(text["json:".Length..]), folder);
                }
                return GeneratedName().Replace(text.Replace(folder, "DIR", StringComparison.Ordinal), "#block");
            default:
                return node?.DeepClone();
        }
    }

    // The nameless bitmaps of jobs: shown by the reference, never by us (B4).
    private static bool IsHelperBitmap(JsonNode? item) =>
        item is JsonObject members
        && members.ContainsKey("granularity")
        && members.ContainsKey("recording")
        && !members.ContainsKey("name");

    // How long the file of an image is: that depends on where clusters went and how much of the last one is written.
    private static bool IsLengthOfFile(JsonObject members, string name) =>
        name == "virtual-size" && (string?)members["format"] is "file" or "blkdebug";

    private static string Of(JsonNode? node) => node?.ToJsonString() ?? "nothing";

    [GeneratedRegex("^Device '[a-z0-9]+' is in use$")]
    private static partial Regex InUse();

    [GeneratedRegex("#block[0-9]+")]
    private static partial Regex GeneratedName();
}
