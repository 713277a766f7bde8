using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Drover.Runtime.Docker.Transport;

/// <summary>Makes request bodies. The engine wants a length, so JSON is written to memory first.</summary>
internal static class EngineBody
{
    public static Func<HttpContent> Json<T>(T value, JsonTypeInfo<T> type) =>
        Json(JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>JSON that is written already.</summary>
    public static Func<HttpContent> Json(byte[] bytes) => () =>
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    };
}
