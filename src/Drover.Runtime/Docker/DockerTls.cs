using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Drover.Runtime.Docker;

/// <summary>
/// Certificates for an engine reached by TLS: the authority that signed the engine's certificate and the pair that this
/// client shows. The engine's certificate is always checked. The private key is read once and stays in memory; it
/// never prints itself.
/// </summary>
public sealed class DockerTls : IDisposable
{
    /// <summary>Docker's name for the authority's certificate in a certificate directory.</summary>
    public const string AuthorityFile = "ca.pem";

    /// <summary>Docker's name for the client's certificate.</summary>
    public const string CertificateFile = "cert.pem";

    /// <summary>Docker's name for the client's private key.</summary>
    public const string KeyFile = "key.pem";

    private DockerTls(X509Certificate2Collection authorities, X509Certificate2? client)
    {
        Authorities = authorities;
        Client = client;
    }

    internal X509Certificate2Collection Authorities { get; }

    internal X509Certificate2? Client { get; }

    /// <summary>Trusts what the machine trusts and shows no certificate of its own.</summary>
    public static DockerTls SystemTrust() => new([], client: null);

    /// <summary>Reads <c>ca.pem</c>, <c>cert.pem</c> and <c>key.pem</c> from a directory laid out as Docker's own
    /// client has it.</summary>
    /// <exception cref="DockerConfigurationException">A file is missing or is not a certificate or key.</exception>
    public static DockerTls FromDirectory(string directory) => FromFiles(
        Path.Combine(directory, AuthorityFile),
        Path.Combine(directory, CertificateFile),
        Path.Combine(directory, KeyFile));

    /// <summary>Reads PEM files; without <paramref name="authority"/> the machine's trust store decides.</summary>
    /// <exception cref="DockerConfigurationException">A file is missing or is not a certificate or key.</exception>
    public static DockerTls FromFiles(string? authority, string certificate, string key)
    {
        var reading = authority ?? certificate;
        try
        {
            X509Certificate2Collection authorities = [];
            if (authority is not null)
            {
                authorities.ImportFromPemFile(authority);
            }

            reading = $"{certificate}\" with key \"{key}";
            return new(authorities, X509Certificate2.CreateFromPemFile(certificate, key));
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new DockerConfigurationException(
                $"cannot read the Docker TLS file \"{reading}\": {exception.Message}", exception);
        }
    }

    public void Dispose()
    {
        Client?.Dispose();
        foreach (var authority in Authorities)
        {
            authority.Dispose();
        }
    }
}
