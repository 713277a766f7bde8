using Drover.Wire.Agents;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Enrollment;

/// <summary>
/// The credentials of a running host agent. Whatever changes is on disk before it is used; what cannot be written does
/// not change. Holds the signing key; thread-safe.
/// </summary>
internal sealed partial class HostCredentials(
    CredentialsStore store, AgentCredentials credentials, ILogger<HostCredentials> logger)
{
    private readonly Lock _gate = new();
    private AgentCredentials _now = credentials;

    /// <summary>As on disk.</summary>
    internal AgentCredentials Now => Volatile.Read(ref _now);

    /// <summary>Writes what <paramref name="change"/> makes of them; false when the disk refuses.</summary>
    internal bool TryChange(Func<AgentCredentials, AgentCredentials> change)
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
            catch (HostAgentStartException error)
            {
                LogNotWritten(error.Message);
                return false;
            }

            Volatile.Write(ref _now, next);
            return true;
        }
    }

    [LoggerMessage(2080, LogLevel.Error, "{Reason}; it stays as it was")]
    private partial void LogNotWritten(string reason);
}
