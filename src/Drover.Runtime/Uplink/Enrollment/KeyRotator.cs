using Drover.Core.Trust;
using Drover.Runtime.Faults;
using Drover.Runtime.Uplink.Transport;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Uplink.Enrollment;

/// <summary>
/// Makes the new key the server ordered. It is on disk beside the old one before the server hears of it, and takes the
/// old one's place on disk before anything is signed with it; the server takes both meanwhile. Whatever dies between
/// two steps, the order stands and the same key is given again. Used by the heartbeat loop.
/// </summary>
internal sealed partial class KeyRotator(
    HeldCredentials credentials, AgentIdentity identity, SignedClient server, ILogger<KeyRotator> logger)
{
    /// <summary>Carries the order out as far as it goes; what is left is done when the server asks again.</summary>
    internal async Task RotateAsync(CancellationToken cancellationToken)
    {
        if (credentials.Now.NextKey is null
            && !credentials.TryChange(now => now with { NextKey = AgentKey.Create().Reveal() }))
        {
            return;
        }

        FaultPoint.Reach(FaultPoints.KeyWritten);
        var next = credentials.Now.NextKey;
        if (!AgentKey.TryParse(next, out var key))
        {
            // Somebody wrote into the file: what is there is no key, so another one is made when the server asks again.
            credentials.TryChange(now => now with { NextKey = null });
            return;
        }

        try
        {
            await server.GiveKeyAsync(next!, cancellationToken);
        }
        catch (ServerCallException error)
        {
            LogNotGiven(error.Message);
            return;
        }

        FaultPoint.Reach(FaultPoints.KeyAnswered);
        if (credentials.TryChange(now => now with { Key = next!, NextKey = null }))
        {
            FaultPoint.Reach(FaultPoints.KeySwitched);
            identity.SignWith(key!);
            LogRotated();
        }
    }

    [LoggerMessage(3503, LogLevel.Warning, "{Reason}; the new key is given again with the next heartbeat")]
    private partial void LogNotGiven(string reason);

    [LoggerMessage(3504, LogLevel.Information, "signs with a new key, as the server ordered")]
    private partial void LogRotated();
}
