using System.Security.Cryptography;

namespace Drover.Runtime.Tls;

/// <summary>
/// The pair of files an operator gave for a listener: a certificate and its key. Says in one sentence what is wrong
/// with them.
/// </summary>
/// <param name="section">The section of drover.yaml that has the keys <c>certificate</c> and <c>key</c>.</param>
/// <param name="certificatePath">The file with the certificate first.</param>
/// <param name="keyPath">The file with its key.</param>
public sealed class CertificateFiles(string section, string certificatePath, string keyPath)
{
    private const int MostBytes = 1 << 20;

    private string CertificateKey => $"{section}.certificate";

    private string KeyKey => $"{section}.key";

    /// <summary>Changes whenever one of the files is written or replaced.</summary>
    public string Stamp => $"{StampOf(certificatePath)};{StampOf(keyPath)}";

    /// <summary>Reads and checks them.</summary>
    /// <exception cref="CertificateUnusableException">They cannot be used; the sentence says why.</exception>
    public ServerCertificate Read(DateTimeOffset now)
    {
        var certificates = ReadText(CertificateKey, certificatePath);
        var key = ReadText(KeyKey, keyPath);
        if (!certificates.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
        {
            throw Unusable(CertificateKey, certificatePath, "there is no PEM certificate in it; convert it to PEM");
        }

        if (key.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw Unusable(KeyKey, keyPath, "the key is encrypted; store it without a passphrase, readable by this "
                + "user alone");
        }

        if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw Unusable(KeyKey, keyPath, "there is no PEM private key in it; convert it to PEM");
        }

        if ((File.GetUnixFileMode(keyPath) & UnixFileMode.OtherRead) != 0)
        {
            throw Unusable(KeyKey, keyPath, $"every user of this machine can read it; run: chmod o-r '{keyPath}'");
        }

        return Valid(Parse(certificates, key), now);
    }

    private ServerCertificate Parse(string certificates, string key)
    {
        try
        {
            return ServerCertificate.FromPem(certificates, key);
        }
        catch (CryptographicException error)
        {
            throw new CertificateUnusableException(
                $"cannot use {CertificateKey} \"{certificatePath}\" with {KeyKey} \"{keyPath}\": they do not belong "
                    + "together, or one of them is damaged; put the certificate first in its file, and give the key it "
                    + "was made for",
                error);
        }
    }

    private ServerCertificate Valid(ServerCertificate certificate, DateTimeOffset now)
    {
        if (certificate.NotAfter <= now)
        {
            throw Unusable(
                CertificateKey,
                certificatePath,
                $"it expired on {certificate.NotAfter:yyyy-MM-dd HH:mm} UTC; renew it");
        }

        return certificate.NotBefore <= now
            ? certificate
            : throw Unusable(
                CertificateKey,
                certificatePath,
                $"it is only valid from {certificate.NotBefore:yyyy-MM-dd HH:mm} UTC on; look at this machine's clock");
    }

    private static string ReadText(string key, string path)
    {
        try
        {
            return new FileInfo(path) switch
            {
                { Exists: false } => throw Unusable(key, path, "there is no such file"),
                { Length: > MostBytes } => throw Unusable(key, path, "it is far too large"),
                _ => File.ReadAllText(path),
            };
        }
        catch (UnauthorizedAccessException error)
        {
            throw Unusable(key, path, "this user may not read it", error);
        }
        catch (IOException error)
        {
            throw Unusable(key, path, error.Message, error);
        }
    }

    /// <summary>Of what is read in the end: who renews a certificate often moves a link on its path.</summary>
    private static string StampOf(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return FormattableString.Invariant(
                $"{File.GetLastWriteTimeUtc(file).Ticks}/{RandomAccess.GetLength(file)}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "missing";
        }
    }

    private static CertificateUnusableException Unusable(
        string key, string path, string why, Exception? inner = null) =>
        new($"cannot use {key} \"{path}\": {why}", inner);
}
