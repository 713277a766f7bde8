using System.Globalization;
using System.Text.Json;

namespace Drover.Runtime.Requests;

/// <summary>Turns what the JSON reader says into a sentence for people.</summary>
public static class JsonErrors
{
    /// <summary>The sentence, with the place where the reader stopped.</summary>
    public static InvalidRequestException Explain(JsonException exception)
    {
        // Counted from 0 by the reader; people and editors count from 1.
        var where = exception.LineNumber is { } line && exception.BytePositionInLine is { } position
            ? string.Create(CultureInfo.InvariantCulture, $" at line {line + 1}, position {position + 1}")
            : string.Empty;
        var field = exception.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal)
            ? path[2..]
            : null;
        var message = exception.Message;
        if (message.Contains("could not be mapped", StringComparison.Ordinal))
        {
            return new InvalidRequestException(
                $"cannot read the body: it has the unknown field \"{field ?? Quoted(message)}\"{where}");
        }

        return field is null
            ? new InvalidRequestException($"cannot read the body: it is not valid JSON{where}")
            : new InvalidRequestException($"cannot read the body: the value of \"{field}\" is not valid{where}");
    }

    private static string Quoted(string message)
    {
        var parts = message.Split('\'', 3);
        return parts.Length == 3 ? parts[1] : "?";
    }
}
