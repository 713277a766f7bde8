using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Runtime.Events;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Drover.Gateway.Admin;

/// <summary>How the admin listener answers: JSON of the wire, never kept by anybody on the way.</summary>
internal static class AdminAnswer
{
    /// <summary>Sends one value.</summary>
    public static Task WriteAsync<T>(
        HttpContext context, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(value, type), "application/json", status);

    /// <summary>Sends octets.</summary>
    public static async Task WriteAsync(
        HttpContext context, ReadOnlyMemory<byte> body, string contentType, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>Turns a response into a stream of server-sent events.</summary>
    public static ServerSentEvents OpenStream(HttpContext context)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = ServerSentEvents.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        return new ServerSentEvents(context.Response.BodyWriter);
    }
}
