namespace Drover.Wire.People;

/// <summary>Answer of <see cref="Routes.Certificate"/>.</summary>
/// <param name="Tls">False: the server listens without TLS, on loopback, and the rest is null.</param>
/// <param name="Source"><c>files</c> of the operator, or <c>self_made</c>.</param>
/// <param name="Pin">What host agents know it by.</param>
/// <param name="NeedsPin">False where an authority vouches for it.</param>
/// <param name="NotBefore">When it begins.</param>
/// <param name="NotAfter">When it ends.</param>
/// <param name="Next">The one that follows, while it is announced.</param>
public sealed record CertificateDto(
    bool Tls,
    string? Source,
    string? Pin,
    bool? NeedsPin,
    DateTimeOffset? NotBefore,
    DateTimeOffset? NotAfter,
    NextCertificateDto? Next);

/// <summary>A certificate that is announced.</summary>
/// <param name="Pin">What host agents will know it by.</param>
/// <param name="SwitchAt">When it is taken into use.</param>
/// <param name="HostsReady">How many hosts said that they stored its pin.</param>
/// <param name="HostsWaiting">Names of the others.</param>
public sealed record NextCertificateDto(
    string Pin, DateTimeOffset SwitchAt, int HostsReady, IReadOnlyList<string> HostsWaiting);

/// <summary>Body of a POST to <see cref="Routes.CertificateRotation"/>.</summary>
/// <param name="AfterSeconds">How long it is announced before it is used; null is a day.</param>
public sealed record RotateCertificateRequest(long? AfterSeconds = null);

/// <summary>What another machine needs to reach the server.</summary>
/// <param name="Server">Address, scheme, host and port.</param>
/// <param name="Pin">Pin of its certificate; null where an authority vouches for it, and without TLS.</param>
/// <param name="AddressSource">One of <see cref="JoinAddressSources"/>: how the address was chosen.</param>
/// <param name="Others">Other addresses it may be reached by.</param>
public sealed record JoinDto(string Server, string? Pin, string AddressSource, IReadOnlyList<string> Others);

/// <summary>How the address of a <see cref="JoinDto"/> was chosen.</summary>
public static class JoinAddressSources
{
    /// <summary>The operator wrote it: <c>server.public_url</c>.</summary>
    public const string PublicUrl = "public_url";

    /// <summary>The person who asked for the token gave it.</summary>
    public const string Given = "given";

    /// <summary>The server listens on that one address.</summary>
    public const string Listen = "listen";

    /// <summary>The server listens on all; this one has the way out.</summary>
    public const string Interface = "interface";

    /// <summary>The server listens on loopback: no other machine reaches it.</summary>
    public const string Loopback = "loopback";
}
