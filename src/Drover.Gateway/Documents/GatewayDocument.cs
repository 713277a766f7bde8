using System.Net;
using Drover.Runtime.Configuration;
using Drover.Runtime.Events.Webhooks;

namespace Drover.Gateway.Documents;

/// <summary>What the user wrote under <c>gateway</c>, checked.</summary>
public sealed record GatewayDocument
{
    /// <summary>Address and port of the public listener.</summary>
    public string Listen { get; init; } = "127.0.0.1:8080";

    /// <summary>The public listener with TLS; null: none.</summary>
    public TlsDocument? Tls { get; init; }

    /// <summary>The listener for operators.</summary>
    public AdminDocument Admin { get; init; } = new();

    /// <summary>The Docker network whose addresses of tasks are used; null: one that both are attached to.</summary>
    public string? Network { get; init; }

    /// <summary>Which headers tell an agent who asked.</summary>
    public ForwardedForms Forwarded { get; init; } = ForwardedForms.XForwarded | ForwardedForms.Standard;

    /// <summary>Whose word about the client is believed.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>What a client can take of the public listener at most.</summary>
    public ListenerLimits Limits { get; init; } = new();

    /// <summary>How long open work may go on when the gateway ends.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How much may be awake at once.</summary>
    public CapacityDocument Capacity { get; init; } = new();

    /// <summary>Who is told of events.</summary>
    public IReadOnlyList<WebhookSpec> Webhooks { get; init; } = [];

    /// <summary>The agents, in the order of the file.</summary>
    public IReadOnlyList<AgentDocument> Agents { get; init; } = [];
}

/// <summary>Headers that carry the client's address, protocol and host.</summary>
[Flags]
public enum ForwardedForms
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c>.</summary>
    XForwarded = 1,

    /// <summary><c>Forwarded</c> (RFC 7239).</summary>
    Standard = 2,
}

/// <summary>A listener with TLS.</summary>
/// <param name="Listen">Address and port.</param>
/// <param name="CertificatePath">PEM file, the certificate first.</param>
/// <param name="KeyPath">PEM file with its key.</param>
public sealed record TlsDocument(string Listen, string CertificatePath, string KeyPath);

/// <summary>The listener for operators.</summary>
public sealed record AdminDocument
{
    /// <summary>Address and port.</summary>
    public string Listen { get; init; } = "127.0.0.1:9090";

    /// <summary>The token that opens it; null: one that is made at the first start.</summary>
    public SecretSource? Token { get; init; }

    /// <summary>PEM file; null: no TLS.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>PEM file with its key.</summary>
    public string? KeyPath { get; init; }
}

/// <summary>How much may be awake at once; null is no limit.</summary>
/// <param name="MaxReady">Agents on demand.</param>
/// <param name="Memory">Bytes of memory of all agents on demand.</param>
public sealed record CapacityDocument(int? MaxReady = null, long? Memory = null);
