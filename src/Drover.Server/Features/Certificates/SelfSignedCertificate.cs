using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Drover.Server.Features.Certificates;

/// <summary>
/// Makes the certificate of a server that was given none. Nobody vouches for it: host agents know it by its key, so it
/// may live long, and the names in it only spare a browser one of its warnings.
/// </summary>
internal static class SelfSignedCertificate
{
    /// <summary>How long one is valid.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(3650);

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1"; // RFC 5280 section 4.2.1.12, id-kp-serverAuth

    /// <summary>A certificate and its private key, PEM in one text.</summary>
    /// <param name="now">When it begins; a little earlier, for clocks that are behind.</param>
    /// <param name="names">Host names and addresses it is for.</param>
    /// <param name="keyOf">PEM with the key to keep; null makes a new one.</param>
    public static string Create(DateTimeOffset now, IReadOnlyList<string> names, string? keyOf = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (keyOf is not null)
        {
            key.ImportFromPem(OnlyKey(keyOf));
        }

        var request = new CertificateRequest("CN=drover", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(NamesOf(names));
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now + Life);
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    private static X509Extension NamesOf(IReadOnlyList<string> names)
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(name, out var address))
            {
                builder.AddIpAddress(address);
            }
            else if (Uri.CheckHostName(name) is UriHostNameType.Dns)
            {
                builder.AddDnsName(name);
            }
        }

        return builder.Build();
    }

    /// <summary>The key's block alone: the reader of keys refuses a text with other blocks in it.</summary>
    private static string OnlyKey(string pem)
    {
        const string Begin = "-----BEGIN PRIVATE KEY-----";
        return pem[pem.IndexOf(Begin, StringComparison.Ordinal)..];
    }
}
