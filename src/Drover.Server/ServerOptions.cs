using System.Net;
using System.Text;
using Drover.Runtime.Events.Webhooks;

namespace Drover.Server;

/// <summary>Settings of the server role: the section <c>server</c> of drover.yaml.</summary>
public sealed record ServerOptions
{
    private const int LongestSocketPath = 107;

    /// <summary>Directory of the database, the key file, the lock and the socket; made when it is missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary><c>listen</c>: IP address and port of the HTTP listener. Port 0 takes a free one (tests).</summary>
    public string Listen { get; init; } = "127.0.0.1:7780";

    /// <summary>
    /// <c>tls.enabled</c>: null is TLS off loopback and wherever a certificate is given. Off loopback it cannot be off.
    /// </summary>
    public bool? Tls { get; init; }

    /// <summary><c>tls.certificate</c>: PEM file; null is a certificate the server makes itself.</summary>
    public string? TlsCertificatePath { get; init; }

    /// <summary><c>tls.key</c>: PEM file with the key of <see cref="TlsCertificatePath"/>.</summary>
    public string? TlsKeyPath { get; init; }

    /// <summary>
    /// <c>tls.rotation_grace</c>: how long a certificate file with another key is announced before it is used.
    /// </summary>
    public TimeSpan TlsRotationGrace { get; init; } = TimeSpan.FromHours(24);

    /// <summary><c>public_url</c>: the address other machines are told; null chooses one of this machine's.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary><c>enrollment.reusable_tokens</c>: tokens may let several hosts join.</summary>
    public bool ReusableTokens { get; init; }

    /// <summary>
    /// <c>socket</c>: path of the unix socket for this machine's command line; null is <c>server.sock</c> in the data
    /// directory.
    /// </summary>
    public string? SocketPath { get; init; }

    /// <summary><c>heartbeat_interval</c>: how often host agents are told to send a heartbeat.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary><c>command_life</c>: how long an ordered command waits for its host before it expires.</summary>
    public TimeSpan CommandLife { get; init; } = TimeSpan.FromHours(24);

    /// <summary>
    /// <c>command_lease</c>: how long a host holds a command without a word before it is given out again.
    /// </summary>
    public TimeSpan CommandLease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>event_retention</c>: how long events are kept.</summary>
    public TimeSpan EventRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary><c>event_limit</c>: how many events are kept at most.</summary>
    public int EventLimit { get; init; } = 200_000;

    /// <summary><c>command_retention</c>: how long finished commands are kept.</summary>
    public TimeSpan CommandRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary><c>webhooks</c>: who is told of events over HTTP.</summary>
    public IReadOnlyList<WebhookSpec> Webhooks { get; init; } = [];

    /// <summary><c>limits</c>: what one caller can take of the server at most.</summary>
    public ServerLimits Limits { get; init; } = new();

    /// <summary>The socket's path with the default applied.</summary>
    internal string EffectiveSocketPath => SocketPath ?? Path.Combine(DataDirectory, "server.sock");

    /// <summary>Whether the listener speaks TLS.</summary>
    internal bool UsesTls => Tls ?? (TlsCertificatePath is not null || !IPAddress.IsLoopback(EndPoint.Address));

    /// <summary>The listener's address.</summary>
    internal IPEndPoint EndPoint => IPEndPoint.Parse(Listen);

    /// <summary>
    /// Everything that is wrong with these options, one sentence each, each naming its key; empty when nothing is.
    /// </summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        if (!Path.IsPathFullyQualified(DataDirectory))
        {
            problems.Add($"data_dir \"{DataDirectory}\" is not an absolute path");
        }

        ValidateListen(problems);
        ValidateTls(problems);
        if (Encoding.UTF8.GetByteCount(EffectiveSocketPath) > LongestSocketPath)
        {
            problems.Add(
                $"server.socket \"{EffectiveSocketPath}\" is longer than the {LongestSocketPath} bytes a unix socket's "
                    + "path can have; "
                + "set server.socket to a shorter path");
        }

        Between(problems, "heartbeat_interval", HeartbeatInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Between(problems, "command_life", CommandLife, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));
        Between(problems, "command_lease", CommandLease, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1));
        Between(problems, "event_retention", EventRetention, TimeSpan.FromHours(1), TimeSpan.FromDays(3650));
        Between(problems, "command_retention", CommandRetention, TimeSpan.FromHours(1), TimeSpan.FromDays(3650));
        if (EventLimit is < 1_000 or > 100_000_000)
        {
            problems.Add($"server.event_limit {EventLimit} is not between 1000 and 100000000");
        }

        problems.AddRange(Limits.Validate());
        return problems;
    }

    private void ValidateListen(List<string> problems)
    {
        if (!IPEndPoint.TryParse(Listen, out var address) || !Listen.Contains(':', StringComparison.Ordinal))
        {
            problems.Add($"server.listen \"{Listen}\" is not an IP address and a port such as 127.0.0.1:7780");
        }
        else if (Tls is false && !IPAddress.IsLoopback(address.Address))
        {
            problems.Add(
                $"server.listen \"{Listen}\" is not on loopback, and plain HTTP off loopback would show keys to the "
                    + "network; leave out server.tls.enabled: false, or listen on 127.0.0.1");
        }
    }

    private void ValidateTls(List<string> problems)
    {
        if (TlsCertificatePath is null != TlsKeyPath is null)
        {
            problems.Add(
                TlsKeyPath is null
                    ? "server.tls.certificate needs server.tls.key, the file with its private key"
                    : "server.tls.key needs server.tls.certificate, the file with its certificate");
        }

        if (Tls is false && TlsCertificatePath is not null)
        {
            problems.Add("server.tls.enabled is false and server.tls.certificate is given; leave out one of them");
        }

        if (PublicUrl is { } address
            && (address.Scheme is not ("http" or "https")
                || address.PathAndQuery != "/"
                || address.UserInfo.Length > 0))
        {
            problems.Add($"server.public_url \"{address}\" is not scheme, host and port alone");
        }
        else if (PublicUrl is { Scheme: "http", IsLoopback: false })
        {
            problems.Add(
                $"server.public_url \"{PublicUrl}\" is plain http, which host agents refuse off loopback; use https");
        }

        Between(problems, "tls.rotation_grace", TlsRotationGrace, TimeSpan.Zero, TimeSpan.FromDays(30));
    }

    private static void Between(List<string> problems, string key, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
        {
            problems.Add($"server.{key} {value:c} is not between {least:c} and {most:c}");
        }
    }
}
