using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Drover.Wire;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Hosting;

/// <summary>
/// Reads what people and tools send: small, and an unknown field is refused by name, for it is a typing error.
/// </summary>
internal static class PeopleBody
{
    /// <summary>Largest body of a person's request.</summary>
    public const int Limit = 64 * 1024;

    private static readonly WireJson Strict = new(new JsonSerializerOptions(WireJson.Default.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    });

    /// <summary>Reads the body as a value of the wire.</summary>
    /// <exception cref="InvalidRequestException">
    /// It is missing, is not JSON, or does not fit; the sentence says where.
    /// </exception>
    public static async Task<T> ReadAsync<T>(HttpContext context)
        where T : class
    {
        var body = await BodyReader.ReadAsync(context, Limit, context.RequestAborted);
        if (body.Length == 0)
        {
            throw new InvalidRequestException("cannot read the body: it is empty; send a JSON object");
        }

        try
        {
            BodyText.Require(body.Span);
            var type = (JsonTypeInfo<T>)Strict.GetTypeInfo(typeof(T))!;
            return JsonSerializer.Deserialize(body.Span, type)
                ?? throw new InvalidRequestException("cannot read the body: it is null; send a JSON object");
        }
        catch (JsonException exception)
        {
            throw JsonErrors.Explain(exception);
        }
    }
}
