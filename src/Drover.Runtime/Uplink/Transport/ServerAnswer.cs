using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Wire;
using Drover.Wire.People;

namespace Drover.Runtime.Uplink.Transport;

/// <summary>Reads what the server answered: the typed body, or the failure that its status means.</summary>
public static class ServerAnswer
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    /// <summary>The server's time when it answered <c>re-sign</c>, else null.</summary>
    public static async Task<long?> ReSignTimeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode != HttpStatusCode.Conflict)
        {
            return null;
        }

        var problem = await ReadProblemAsync(response, cancellationToken);
        return problem?.Type == Problems.Prefix + Problems.ReSign ? problem.ServerTime : null;
    }

    /// <summary>The body of a success.</summary>
    public static async Task<T> ReadAsync<T>(
        HttpResponseMessage response, string what, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        await EnsureSuccessAsync(response, what, cancellationToken);
        try
        {
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return JsonSerializer.Deserialize(body, type) ?? throw new JsonException("the answer is null");
        }
        catch (JsonException error)
        {
            throw new ServerCallException(
                ServerFailure.Rejected, $"cannot {what}: the server's answer makes no sense: {error.Message}",
                (int)response.StatusCode, error);
        }
    }

    /// <summary>Turns every status but 2xx into the failure it means.</summary>
    public static async Task EnsureSuccessAsync(
        HttpResponseMessage response, string what, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var status = (int)response.StatusCode;
        var failure = status switch
        {
            401 or 403 => ServerFailure.Refused,

            // 409 is a second re-sign in a row: the clocks will settle. 429 asks to slow down, which is no distrust.
            408 or 409 or 429 or >= 500 => ServerFailure.Unreachable,
            _ => ServerFailure.Rejected,
        };
        var detail = (await ReadProblemAsync(response, cancellationToken))?.Detail;
        throw new ServerCallException(
            failure, $"cannot {what}: the server answered {status}{(detail is null ? "" : $": {detail}")}", status)
        {
            RetryAfter = RetryAfter(response.Headers.RetryAfter),
        };
    }

    /// <summary>What the server asks to wait, within bounds: no proxy's mistake may silence a host.</summary>
    public static TimeSpan? RetryAfter(RetryConditionHeaderValue? header) => header?.Delta switch
    {
        null => null,
        var asked when asked <= TimeSpan.Zero => null,
        var asked => asked < LongestRetryAfter ? asked : LongestRetryAfter,
    };

    private static async Task<ProblemDto?> ReadProblemAsync(
        HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return body.Length == 0 ? null : JsonSerializer.Deserialize(body, WireJson.Default.ProblemDto);
        }
        catch (JsonException)
        {
            // Something between us and the server answered in its own words; the status says enough.
            return null;
        }
    }
}
