using System.Net;

namespace Drover.Server.Tests;

/// <summary>Reads server-sent events one by one; comments are passed over.</summary>
internal sealed class SseLines(HttpResponseMessage response, StreamReader reader, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    public static async Task<SseLines> OpenAsync(
        HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new SseLines(
            response, new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken)), cancellationToken);
    }

    public async Task<(string? Id, string Type, string Data)> NextAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        string? id = null;
        var (type, data) = (string.Empty, string.Empty);
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.Length == 0 && type.Length > 0)
            {
                return (id, type, data);
            }

            (id, type, data) = line.Split(": ", 2) switch
            {
                ["id", var value] => (value, type, data),
                ["event", var value] => (id, value, data),
                ["data", var value] => (id, type, value),
                _ => (id, type, data),
            };
        }

        throw new EndOfStreamException("The server ended the stream.");
    }

    /// <summary>The next id that is told, with an event or without.</summary>
    public async Task<long> NextIdAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (await reader.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                return long.Parse(line[4..], System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        throw new EndOfStreamException("The server ended the stream.");
    }

    public ValueTask DisposeAsync()
    {
        reader.Dispose();
        response.Dispose();
        return ValueTask.CompletedTask;
    }
}
