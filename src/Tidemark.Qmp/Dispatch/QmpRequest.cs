using Tidemark.Core.Channels;
using Tidemark.Core.Json;
using Tidemark.Qmp.Errors;

namespace Tidemark.Qmp.Dispatch;

/// <summary>A request taken apart, or what was wrong with its shape.</summary>
internal sealed record QmpRequest(string Command, JsonObject Arguments, JsonValue? Id, bool IsOutOfBand, string? Malformed)
{
    private static readonly JsonObject NoMembers = [];

    /// <summary>Where its descriptors come from, if any can.</summary>
    public IDescriptorChannel? Sender { get; init; }

    /// <summary>Takes a message apart. <paramref name="allowOutOfBand"/>: whether the client asked for that capability.</summary>
    public static QmpRequest From(JsonMessage message, bool allowOutOfBand)
    {
        if (message.Value is null)
        {
            return Wrong(null, message.Error ?? "");
        }
        if (message.Value is not JsonObject members)
        {
            return Wrong(null, "QMP input must be a JSON object");
        }
        _ = members.TryGetValue("id", out var id);
        string? command = null;
        var outOfBand = false;
        var arguments = NoMembers;
        foreach (var (name, value) in members)
        {
            switch (name)
            {
                case "id":
                    break;
                case "execute":
                case "exec-oob" when allowOutOfBand:
                    if (value is not JsonString text)
                    {
                        return Wrong(id, $"QMP input member '{name}' must be a string");
                    }
                    if (command is not null)
                    {
                        return Wrong(id, "QMP input member 'execute' clashes with 'exec-oob'");
                    }
                    command = text.Value;
                    outOfBand = name == "exec-oob";
                    break;
                case "arguments":
                    if (value is not JsonObject given)
                    {
                        return Wrong(id, "QMP input member 'arguments' must be an object");
                    }
                    arguments = given;
                    break;
                default:
                    return Wrong(id, $"QMP input member '{name}' is unexpected");
            }
        }
        return command is null
            ? Wrong(id, "QMP input lacks member 'execute'")
            : new QmpRequest(command, arguments, id, outOfBand, null);
    }

    /// <summary>The reply that says what the command returned.</summary>
    public JsonObject Reply(JsonValue result)
    {
        var reply = new JsonObject { ["return"] = result };
        if (Id is not null)
        {
            reply["id"] = Id;
        }
        return reply;
    }

    /// <summary>The reply that says why there is no result.</summary>
    public JsonObject Refusal(QmpErrorClass errorClass, string text)
    {
        var reply = new JsonObject();
        if (Id is not null)
        {
            reply["id"] = Id;
        }
        reply["error"] = QmpErrors.ToJson(errorClass, text);
        return reply;
    }

    private static QmpRequest Wrong(JsonValue? id, string text) => new("", NoMembers, id, false, text);
}
