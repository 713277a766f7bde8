using Drover.Wire.Agents;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Uplink.Enrollment;

/// <summary>
/// The credentials of a running role. Whatever changes is on disk before it is used; what cannot be written does
/// not change. Holds the signing key; thread-safe.
/// </summary>
public sealed partial class HeldCredentials(
    CredentialsStore store, AgentCredentials credentials, ILogger<HeldCredentials> logger)
{
    private readonly Lock _gate = new();
    private AgentCredentials _now = credentials;

    /// <summary>As on disk.</summary>
    public AgentCredentials Now => Volatile.Read(ref _now);

    /// <summary>Writes what <paramref name="change"/> makes of them; false when the disk refuses.</summary>
    public bool TryChange(Func<AgentCredentials, AgentCredentials> change)
    {
        lock (_gate)
        {
            var next = change(_now);
            if (next == _now)
            {
                return true;
            }

            try
            {
                store.Write(next);
            }
            catch (EnrollmentException error)
            {
                LogNotWritten(error.Message);
                return false;
            }

            Volatile.Write(ref _now, next);
            return true;
        }
    }

    [LoggerMessage(3500, LogLevel.Error, "{Reason}; it stays as it was")]
    private partial void LogNotWritten(string reason);
}
