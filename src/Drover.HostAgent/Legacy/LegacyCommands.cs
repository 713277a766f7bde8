using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Legacy;

/// <summary>
/// Reads what a poll of the older protocol brought. Lenient where that server is: an empty item is none, numbers may
/// come as text, a type may carry a prefix. Pure.
/// </summary>
internal static class LegacyCommands
{
    private const string TypePrefix = "stacker.";
    private const string ListContainers = "list_containers";
    private const string DefaultPriority = "normal";
    private const int DefaultTimeoutSeconds = 300;
    private const int LongestPoll = 3600;

    /// <summary>Reads the body of a 200; an empty one is that of a 204.</summary>
    /// <exception cref="JsonException">It makes no sense.</exception>
    internal static (CommandDto? Command, int NextPollSecs) Read(
        ReadOnlyMemory<byte> body, string deploymentHash, DateTimeOffset now)
    {
        if (body.Length == 0)
        {
            return (null, 0);
        }

        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        if (root.ValueKind is not JsonValueKind.Object)
        {
            throw new JsonException("the answer is not an object");
        }

        var pause = root.TryGetProperty("meta", out var meta) ? NextPoll(meta) : 0;
        return (root.TryGetProperty("item", out var item) ? Command(item, deploymentHash, now) : null, pause);
    }

    private static CommandDto? Command(JsonElement item, string deploymentHash, DateTimeOffset now)
    {
        if (item.ValueKind is JsonValueKind.Null
            || (item.ValueKind is JsonValueKind.Object && !item.EnumerateObject().Any()))
        {
            return null;
        }

        if (item.ValueKind is not JsonValueKind.Object || Text(item, "command_id") is not { Length: > 0 } commandId)
        {
            throw new JsonException("the command has no command_id");
        }

        var type = TypeOf(Text(item, "type") ?? "unknown");
        var priority = Text(item, "priority");
        return new CommandDto(
            Text(item, "id") ?? commandId,
            commandId,
            deploymentHash,
            type,
            CommandStates.Leased,
            priority is not null && CommandPriorities.Ascending.Contains(priority) ? priority : DefaultPriority,
            Parameters(item),
            null,
            null,
            Text(item, "created_by") ?? string.Empty,
            now,
            now,
            Timeout(item),
            null);
    }

    private static string TypeOf(string given)
    {
        var type = given.StartsWith(TypePrefix, StringComparison.Ordinal) ? given[TypePrefix.Length..] : given;
        return type == ListContainers ? CommandTypes.List : type;
    }

    /// <summary>
    /// The innermost parameters with our names: how long a stop waits; a cursor of the old agent, which is a time; and
    /// nothing that asks for secrets, for they never leave the host.
    /// </summary>
    private static JsonElement Parameters(JsonElement item)
    {
        var isObject = item.TryGetProperty("parameters", out var parameters)
            && parameters.ValueKind is JsonValueKind.Object;
        var given = isObject ? JsonObject.Create(parameters)! : [];
        if (given["params"] is JsonObject inner)
        {
            given = (JsonObject)inner.DeepClone();
        }

        given.Remove("redact");
        if (given["timeout"] is JsonValue timeout && given["stop_timeout"] is null)
        {
            given["stop_timeout"] = timeout.DeepClone();
        }

        if (given["cursor"] is JsonValue value && value.TryGetValue<string>(out var cursor)
            && !cursor.Contains('#', StringComparison.Ordinal))
        {
            given.Remove("cursor");
            if (cursor.Length > 0)
            {
                given["since"] = cursor;
            }
        }

        using var document = JsonDocument.Parse(given.ToJsonString());
        return document.RootElement.Clone();
    }

    private static int Timeout(JsonElement item) =>
        item.TryGetProperty("timeout_seconds", out var seconds)
        && seconds.ValueKind is JsonValueKind.Number
        && seconds.TryGetInt32(out var number) && number > 0
            ? number
            : DefaultTimeoutSeconds;

    private static int NextPoll(JsonElement meta)
    {
        if (meta.ValueKind is not JsonValueKind.Object || !meta.TryGetProperty("next_poll_secs", out var given))
        {
            return 0;
        }

        var text = given.ValueKind is JsonValueKind.String ? given.GetString() : given.GetRawText();
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && !double.IsNaN(seconds)
            ? (int)Math.Clamp(seconds, 0, LongestPoll)
            : 0;
    }

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : null;
}
