using System.Text.Json;
using Drover.Runtime.Scheduling;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire;
using Drover.Wire.Agents;

namespace Drover.Runtime.Uplink.Enrollment;

/// <summary>The one unsigned call. Its body carries token and key, so it goes over TLS or loopback only, which
/// <see cref="ServerAddress"/> saw to.</summary>
internal sealed class EnrollmentClient(HttpClient http, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15);

    /// <exception cref="ServerCallException">Unreachable: try again. Refused: the token. Rejected: the
    /// request.</exception>
    internal async Task<EnrollResponse> EnrollAsync(EnrollRequest request, CancellationToken cancellationToken)
    {
        const string What = "enroll";
        using var deadline = new Deadline(time, CallTimeout, cancellationToken);
        using var content = new ByteArrayContent(
            JsonSerializer.SerializeToUtf8Bytes(request, WireJson.Default.EnrollRequest));
        content.Headers.ContentType = new("application/json");
        try
        {
            using var response = await http.PostAsync(
                new Uri(Routes.Enroll, UriKind.Relative), content, deadline.Token);
            return await ServerAnswer.ReadAsync(response, What, WireJson.Default.EnrollResponse, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw new ServerCallException(
                ServerFailure.Unreachable, $"cannot {What}: no answer within {CallTimeout.TotalSeconds:0} s");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw ServerConnection.Failed(What, http.BaseAddress!, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}
