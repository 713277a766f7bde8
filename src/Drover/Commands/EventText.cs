using System.Text.Json;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary>
/// An event's data in one line: what went wrong first, since a terminal cuts the end; ids last; nothing that the
/// subject says already.
/// </summary>
internal static class EventText
{
    private const string CommandId = "command_id";
    private const string CommandPrefix = "cmd_";
    private const int ShortId = 12; // Of a command's id: the prefix and the first group of the UUID.

    private static readonly string[] First = ["error", "errors", "reason", "outcome", "status", "state", "exit_code"];
    private static readonly string[] SaidBySubject = ["app_code", "name"];

    public static string Details(EventDto one) => one.Data is { ValueKind: JsonValueKind.Object } data
        ? string.Join(
            ' ',
            data.EnumerateObject()
                .Where(field => field.Value.ValueKind != JsonValueKind.Null && !IsSaid(field, one.Subject))
                .OrderBy(field => Rank(field.Name))
                .Select(field => $"{field.Name}={Value(field)}"))
        : "";

    private static bool IsSaid(JsonProperty field, string? subject) =>
        SaidBySubject.Contains(field.Name) && field.Value.ValueKind == JsonValueKind.String
        && field.Value.GetString() == subject;

    private static int Rank(string name) => Array.IndexOf(First, name) switch
    {
        >= 0 and var place => place,
        _ => name == CommandId ? First.Length + 1 : First.Length,
    };

    private static string Value(JsonProperty field)
    {
        var text = field.Value.ToString();
        return field.Name == CommandId && text.StartsWith(CommandPrefix, StringComparison.Ordinal)
            && text.Length > ShortId
            ? text[..ShortId]
            : text;
    }
}
