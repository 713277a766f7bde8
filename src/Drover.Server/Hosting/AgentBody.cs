using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Runtime.Requests;

namespace Drover.Server.Hosting;

/// <summary>
/// Reads what host agents send: a field this version does not know is left alone, for the agent may be newer.
/// </summary>
internal static class AgentBody
{
    /// <summary>Reads a buffered body as a value of the wire.</summary>
    /// <exception cref="InvalidRequestException">It is not text, not JSON, or does not fit.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            BodyText.Require(body.Span);
            return JsonSerializer.Deserialize(body.Span, type)
                ?? throw new InvalidRequestException("cannot read the body: it is null; send a JSON object");
        }
        catch (JsonException exception)
        {
            throw JsonErrors.Explain(exception);
        }
    }

    /// <summary>A field that must be there.</summary>
    public static T Required<T>(T? value, string field)
        where T : class =>
        value ?? throw new InvalidRequestException($"cannot read the body: the field \"{field}\" is missing");
}
