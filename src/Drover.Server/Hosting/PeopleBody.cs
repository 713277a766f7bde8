using Drover.Runtime.Requests;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Hosting;

/// <summary>Reads what people and tools send, which is small.</summary>
internal static class PeopleBody
{
    /// <summary>Largest body of a person's request.</summary>
    public const int Limit = 64 * 1024;

    /// <summary>Reads the body as a value of the wire.</summary>
    /// <exception cref="InvalidRequestException">
    /// It is missing, is not JSON, or does not fit; the sentence says where.
    /// </exception>
    public static async Task<T> ReadAsync<T>(HttpContext context)
        where T : class =>
        StrictJson.Read<T>((await BodyReader.ReadAsync(context, Limit, context.RequestAborted)).Span);
}
