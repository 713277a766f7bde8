using Drover.Runtime.Configuration;

namespace Drover.Runtime.Events.Webhooks;

/// <summary>Who is told of events over HTTP, as the user wrote it.</summary>
public sealed record WebhookSpec
{
    /// <summary>How long a receiver may take to answer, unless the user says otherwise.</summary>
    public static readonly TimeSpan UsualTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Most bytes of events that wait for a receiver, unless the user says otherwise.</summary>
    public const long UsualQueueBytes = 16L << 20;

    /// <summary>Its name in logs, metrics and on disk.</summary>
    public required string Name { get; init; }

    /// <summary>Where events are sent, when the address is no secret.</summary>
    public Uri? Url { get; init; }

    /// <summary>Where they are sent, when the address is one.</summary>
    public SecretSource? SecretUrl { get; init; }

    /// <summary>What they are signed with; null: they are not.</summary>
    public SecretSource? SigningKey { get; init; }

    /// <summary>True: as messages of Slack; false: as CloudEvents.</summary>
    public bool IsSlack { get; init; }

    /// <summary>Types that are sent; empty: all.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>How long it may take to answer.</summary>
    public TimeSpan Timeout { get; init; } = UsualTimeout;

    /// <summary>Most bytes of events that wait for it on disk; counts from a start on.</summary>
    public long QueueBytes { get; init; } = UsualQueueBytes;

    /// <summary>True: plain HTTP to another machine is what the user wants.</summary>
    public bool AllowsPlainHttp { get; init; }

    /// <summary>True for an event that it is told.</summary>
    public bool Wants(string type) => Events.Count == 0 || Events.Contains(type, StringComparer.Ordinal);

    /// <summary>Why events are not sent to such an address; null when they can be. Never says the address.</summary>
    public static string? Objection(Uri address, bool allowsPlainHttp)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (!address.IsAbsoluteUri || address.Scheme is not ("https" or "http"))
        {
            return "its address must begin with https://";
        }

        if (address.UserInfo.Length > 0)
        {
            return "its address holds a user and a password, which are not sent; use signing_key to prove who sends";
        }

        // Names are not resolved: "localhost" is loopback by RFC 6761, every other name may point anywhere tomorrow.
        return address.Scheme == "http" && !address.IsLoopback && !allowsPlainHttp
            ? "plain http is only used within this machine; write https, or plain_http: true where the network is yours"
            : null;
    }
}
