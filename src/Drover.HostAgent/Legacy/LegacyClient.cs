using System.Globalization;
using System.Net;
using System.Text.Json;
using Drover.Core.Trust;
using Drover.Runtime.Scheduling;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire;
using Drover.Wire.Legacy;

namespace Drover.HostAgent.Legacy;

/// <summary>
/// The calls to a server of the older protocol. Each has a deadline, and each attempt its own stamp, request id and
/// signature. A refused token, which that server tells by a 400, is read again and tried once more; everything else
/// that goes wrong is a <see cref="ServerCallException"/> for the calling loop, which owns the retry. Thread-safe.
/// </summary>
internal sealed class LegacyClient(
    Uri server, LegacyOptions options, LegacyToken token, HttpClient http, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ReportTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan WaitMargin = TimeSpan.FromSeconds(5);

    // What that server says, with 400, of an agent it does not trust.
    private static readonly string[] Distrust =
    [
        "Invalid agent token",
        "Agent not found",
        "Invalid agent ID format",
        "Authorization header required for agent",
        "Invalid Authorization header format",
        "Token not found in Vault",
    ];

    /// <summary>Polls; the body of a 200, or empty for a 204.</summary>
    internal async Task<byte[]> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var seconds = ((int)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var path = Routes.CommandWait.Replace(
            "{hash}", Uri.EscapeDataString(options.DeploymentHash), StringComparison.Ordinal);
        using var deadline = new Deadline(time, timeout + WaitMargin, cancellationToken);
        return await SendAsync(
            HttpMethod.Get, $"{path}?timeout={seconds}", "wait for a command", [], deadline);
    }

    /// <summary>Reports the outcome of a command.</summary>
    internal async Task ReportAsync(string commandId, byte[] body, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(time, ReportTimeout, cancellationToken);
        await SendAsync(HttpMethod.Post, Routes.CommandReport, $"report command \"{commandId}\"", body, deadline);
    }

    /// <summary>Tells how an app stands; a real Stacker has no such route and answers 404.</summary>
    internal async Task AppStatusAsync(string appCode, byte[] body, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(time, CallTimeout, cancellationToken);
        await SendAsync(HttpMethod.Post, Routes.AppStatus, $"tell the status of app \"{appCode}\"", body, deadline);
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async Task<byte[]> SendAsync(
        HttpMethod method, string target, string what, byte[] body, Deadline deadline)
    {
        var key = token.Current;
        var answer = await AttemptAsync(key, method, target, what, body, deadline);
        if (answer.Failure is ServerFailure.Refused && token.ReadAgain(key))
        {
            answer = await AttemptAsync(token.Current, method, target, what, body, deadline);
        }

        return answer.Failure is { } failure
            ? throw new ServerCallException(
                failure,
                $"cannot {what}: the server answered {answer.Status}"
                    + (answer.Message is null ? "" : $": {answer.Message}"),
                answer.Status)
            {
                RetryAfter = answer.RetryAfter,
            }
            : answer.Body;
    }

    private async Task<Answer> AttemptAsync(
        AgentKey key, HttpMethod method, string target, string what, byte[] body, Deadline deadline)
    {
        using var request = new HttpRequestMessage(method, new Uri(server, target));
        if (method == HttpMethod.Post)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new("application/json");
        }

        request.Headers.Add(SignatureHeaders.AgentId, options.AgentId);
        request.Headers.Add(
            SignatureHeaders.Timestamp,
            time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(SignatureHeaders.RequestId, Guid.NewGuid().ToString("D"));
        request.Headers.Add(SignatureHeaders.Signature, LegacySignature.Sign(key, body));
        request.Headers.TryAddWithoutValidation("Authorization", LegacySignature.Bearer(key));
        try
        {
            using var response = await http.SendAsync(
                request, HttpCompletionOption.ResponseContentRead, deadline.Token);
            return await ReadAsync(response, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw new ServerCallException(
                ServerFailure.Unreachable, $"cannot {what}: no answer within {deadline.Length.TotalSeconds:0} s");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw ServerConnection.Failed(what, server, error);
        }
    }

    private static async Task<Answer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var status = (int)response.StatusCode;
        if (response.IsSuccessStatusCode)
        {
            return new Answer(status, response.StatusCode is HttpStatusCode.NoContent ? [] : body, null, null, null);
        }

        var message = MessageOf(body);
        return new Answer(
            status, [], FailureOf(status, message), message, ServerAnswer.RetryAfter(response.Headers.RetryAfter));
    }

    private static ServerFailure FailureOf(int status, string? message) => status switch
    {
        401 or 403 => ServerFailure.Refused,
        400 when Distrust.Any(words => message?.StartsWith(words, StringComparison.OrdinalIgnoreCase) is true) =>
            ServerFailure.Refused,
        408 or 429 or >= 500 => ServerFailure.Unreachable,
        _ => ServerFailure.Rejected,
    };

    private static string? MessageOf(byte[] body)
    {
        try
        {
            return body.Length == 0
                ? null
                : JsonSerializer.Deserialize(body, LegacyJson.Default.LegacyMessage)?.Message;
        }
        catch (JsonException)
        {
            // Something between us and the server answered in its own words; the status says enough.
            return null;
        }
    }

    /// <summary>What came back.</summary>
    private sealed record Answer(
        int Status, byte[] Body, ServerFailure? Failure, string? Message, TimeSpan? RetryAfter);
}
