using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Drover.Runtime.Docker.Transport;

/// <summary>The engine's error body, <c>{"message": "..."}</c>.</summary>
internal sealed record EngineError
{
    [JsonPropertyName("message")]
    public string? Message { get; init; }

    /// <summary>The engine's words, or the raw text of a proxy in front of it, or the name of the status.</summary>
    public static async Task<string> ReadAsync(Stream body, HttpStatusCode status, CancellationToken cancellationToken)
    {
        var buffer = new byte[EngineStream.MaxErrorBytes];
        var length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        var bytes = buffer.AsSpan(0, length);
        try
        {
            var error = JsonSerializer.Deserialize(bytes, TransportJson.Default.EngineError);
            if (error?.Message is { Length: > 0 } message)
            {
                return message.Trim();
            }
        }
        catch (JsonException)
        {
            // Not the engine's own error page: its text still says more than the bare status.
        }

        var text = Encoding.UTF8.GetString(bytes).Trim();
        return text.Length > 0 ? text : $"the engine answered {(int)status} {status}";
    }
}

[JsonSerializable(typeof(EngineError))]
internal sealed partial class TransportJson : JsonSerializerContext;
