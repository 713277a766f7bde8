using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Drover.Runtime.Docker;

namespace Drover.Runtime.Tests.Docker;

/// <summary>An authority of the test's own with certificates for an engine on loopback and for a client, in Docker's
/// file layout.</summary>
internal sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset Begin = DateTimeOffset.UtcNow.AddDays(-1);
    private static readonly DateTimeOffset End = DateTimeOffset.UtcNow.AddDays(1);
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("drover-tls-");

    public TestCertificates()
    {
        using var authority = Authority();
        WritePair("engine", authority, serial: 1, purpose: "1.3.6.1.5.5.7.3.1");
        WritePair("client", authority, serial: 2, purpose: "1.3.6.1.5.5.7.3.2");
    }

    public string Engine => Path.Combine(_root.FullName, "engine");

    public string Client => Path.Combine(_root.FullName, "client");

    public void Dispose() => _root.Delete(recursive: true);

    private static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=test authority {Guid.NewGuid()}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(Begin, End);
    }

    private void WritePair(string name, X509Certificate2 authority, byte serial, string purpose)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        using var certificate = request.Create(authority, Begin, End, [serial]);

        var folder = _root.CreateSubdirectory(name).FullName;
        File.WriteAllText(Path.Combine(folder, DockerTls.AuthorityFile), authority.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, DockerTls.CertificateFile), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, DockerTls.KeyFile), key.ExportPkcs8PrivateKeyPem());
    }
}
