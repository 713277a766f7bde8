using System.Text.Json;
using System.Text.Unicode;

namespace Drover.Runtime.Requests;

/// <summary>
/// Refuses a body whose text is none: bytes that are not UTF-8, and halves of a character written as an escape. The
/// reader takes both where it keeps JSON as it came, and only fails when somebody asks for the text.
/// </summary>
public static class BodyText
{
    /// <exception cref="InvalidRequestException">It holds text that is none.</exception>
    public static void Require(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
        {
            throw new InvalidRequestException("cannot read the body: it is not valid UTF-8");
        }

        if (body.IndexOf("\\ud"u8) >= 0 || body.IndexOf("\\uD"u8) >= 0)
        {
            RequireWholeCharacters(body);
        }
    }

    private static void RequireWholeCharacters(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    _ = reader.GetString();
                }
            }
        }
        catch (InvalidOperationException)
        {
            throw new InvalidRequestException(
                "cannot read the body: it has half a character (a lone \\ud800 to \\udfff)");
        }
    }
}
