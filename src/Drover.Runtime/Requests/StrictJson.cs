using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Drover.Wire;

namespace Drover.Runtime.Requests;

/// <summary>
/// Reads what people and their tools send as JSON of the wire: an unknown field is refused by name, for it is a typing
/// error.
/// </summary>
public static class StrictJson
{
    private static readonly WireJson Strict = new(new JsonSerializerOptions(WireJson.Default.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    });

    /// <summary>Reads a body as a value of the wire.</summary>
    /// <exception cref="InvalidRequestException">
    /// It is missing, is not JSON, or does not fit; the sentence says where.
    /// </exception>
    public static T Read<T>(ReadOnlySpan<byte> body)
        where T : class
    {
        if (body.Length == 0)
        {
            throw new InvalidRequestException("cannot read the body: it is empty; send a JSON object");
        }

        try
        {
            BodyText.Require(body);
            var type = (JsonTypeInfo<T>)Strict.GetTypeInfo(typeof(T))!;
            return JsonSerializer.Deserialize(body, type)
                ?? throw new InvalidRequestException("cannot read the body: it is null; send a JSON object");
        }
        catch (JsonException exception)
        {
            throw JsonErrors.Explain(exception);
        }
    }
}
