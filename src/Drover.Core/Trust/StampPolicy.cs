namespace Drover.Core.Trust;

/// <summary>What keeps an old request of a kind from taking effect again.</summary>
public enum ReplayGuard
{
    /// <summary>
    /// What the request says: the sequence of a heartbeat, inventory or events, the command id of a report. It is
    /// stored, so it holds over a restart of the server.
    /// </summary>
    Content,

    /// <summary>
    /// Its request id, remembered in memory (<see cref="ReplayWindow"/>) and so only since the server's start.
    /// </summary>
    RequestId,
}

/// <summary>What to do with a signed request.</summary>
public enum StampVerdict
{
    /// <summary>The stamp is good.</summary>
    Accept,

    /// <summary>The caller is who it says; it must sign again with the server's time (409 <c>re-sign</c>).</summary>
    ReSign,

    /// <summary>Not signed by this host: the one 401 for everything.</summary>
    Refuse,
}

/// <summary>
/// Judges the time stamp of a signed request. Only a right MAC earns the answer that names the server's time.
/// Source: the project's wire page, "Stale stamp".
/// </summary>
public static class StampPolicy
{
    /// <summary>Judges one request.</summary>
    /// <param name="macIsRight">What <see cref="RequestSignature.Verify"/> said.</param>
    /// <param name="unixSeconds">The request's stamp; any value, hostile ones too.</param>
    /// <param name="serverNow">The server's clock.</param>
    /// <param name="serverStart">
    /// When this run of the server began to remember request ids, on the clock as <paramref name="serverNow"/> shows
    /// it: counted back from now, never kept from before a jump of the clock.
    /// </param>
    /// <param name="guard">What guards this kind of request against replay.</param>
    public static StampVerdict Judge(
        bool macIsRight,
        long unixSeconds,
        DateTimeOffset serverNow,
        DateTimeOffset serverStart,
        ReplayGuard guard)
    {
        if (!macIsRight)
        {
            return StampVerdict.Refuse;
        }

        var now = serverNow.ToUnixTimeSeconds();
        var skew = (long)RequestSignature.AllowedSkew.TotalSeconds;
        if (unixSeconds < now - skew || unixSeconds > now + skew)
        {
            return StampVerdict.ReSign;
        }

        // A stamp is a whole second: one of the second in which the server started may be older than the start.
        var mayBeUnremembered = unixSeconds <= serverStart.ToUnixTimeSeconds();
        return guard is ReplayGuard.RequestId && mayBeUnremembered ? StampVerdict.ReSign : StampVerdict.Accept;
    }
}
