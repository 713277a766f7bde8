using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Wire.People;

namespace Drover.Wire.Client;

/// <summary>
/// Calls one peer of ours: JSON of the wire in both directions. A refusal is a <see cref="ServerProblemException"/>,
/// silence a <see cref="ServerUnreachableException"/>.
/// </summary>
/// <param name="http">Base address, transport and authorization are set.</param>
/// <param name="time">The clock.</param>
/// <param name="peer">What people call the other side: <c>the server</c>.</param>
internal sealed partial class Exchange(HttpClient http, TimeProvider time, string peer)
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    public static ByteArrayContent Body<T>(T value, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, type, cancellationToken);

    public async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        using var response = await ExchangeAsync(request, cancellationToken).ConfigureAwait(false);
    }

    public async Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        using var response = await ExchangeAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(stream, type, cancellationToken).ConfigureAwait(false)
                ?? throw new JsonException("the answer is null");
        }
        catch (JsonException error)
        {
            throw new ServerUnreachableException(
                $"cannot understand the answer to {method} {path}: {error.Message}", error);
        }
    }

    /// <summary>Sends and reads the whole answer, within 30 s beyond any wait the request asks for.</summary>
    public async Task<HttpResponseMessage> ExchangeAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(AnswerTime + DroverClient.LongestWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await ExchangeAsync(
                request, HttpCompletionOption.ResponseContentRead, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ServerUnreachableException(
                $"cannot reach {peer}: no answer within {(int)(AnswerTime + DroverClient.LongestWait).TotalSeconds} s",
                error);
        }
    }

    private async Task<HttpResponseMessage> ExchangeAsync(
        HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, completion, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException error)
        {
            throw new ServerUnreachableException($"cannot reach {peer}: {Why(error)}", error);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new ServerProblemException(
                response.StatusCode, await ProblemAsync(response, cancellationToken).ConfigureAwait(false));
        }
    }

    private async Task<ProblemDto> ProblemAsync(
        HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            if (await JsonSerializer.DeserializeAsync(
                stream, WireJson.Default.ProblemDto, cancellationToken).ConfigureAwait(false) is { } problem)
            {
                return problem;
            }
        }
        catch (Exception error) when (error is JsonException or IOException or HttpRequestException)
        {
            // Not ours to read: a proxy's page, or nothing. The status is what there is to say.
        }

        var status = response.StatusCode;
        return new ProblemDto(
            null, status.ToString(), (int)status, $"{peer} answered with status {(int)status} ({status})");
    }

    /// <summary>What the transport says; of a failed TLS handshake only the innermost cause says anything.</summary>
    private static string Why(HttpRequestException error)
    {
        Exception at = error;
        while (error.HttpRequestError == HttpRequestError.SecureConnectionError && at.InnerException is { } inner)
        {
            at = inner;
        }

        return at.InnerException is IOException io ? io.Message : at.Message;
    }
}
