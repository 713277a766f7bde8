using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Drover.Core.Trust;

namespace Drover.Testing.Tls;

/// <summary>A certificate of a test's own for this machine, signed by its own key.</summary>
public sealed class TestCertificate : IDisposable
{
    private readonly ECDsa _key;

    private TestCertificate(ECDsa key, DateTimeOffset begin, DateTimeOffset end)
    {
        _key = key;
        var request = new CertificateRequest("CN=test server", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(begin, end);
        Pem = certificate.ExportCertificatePem();
        KeyPem = key.ExportPkcs8PrivateKeyPem();
        Certificate = X509Certificate2.CreateFromPem(Pem, KeyPem);
        Pin = ServerPin.Of(Certificate.PublicKey.ExportSubjectPublicKeyInfo());
    }

    public X509Certificate2 Certificate { get; }

    public string Pem { get; }

    public string KeyPem { get; }

    public ServerPin Pin { get; }

    /// <summary>Valid yesterday and tomorrow, unless told.</summary>
    public static TestCertificate Make(DateTimeOffset? begin = null, DateTimeOffset? end = null) => new(
        ECDsa.Create(ECCurve.NamedCurves.nistP256),
        begin ?? DateTimeOffset.UtcNow.AddDays(-1),
        end ?? DateTimeOffset.UtcNow.AddDays(1));

    /// <summary>Another certificate for the same key.</summary>
    public TestCertificate Renewed(DateTimeOffset begin, DateTimeOffset end) =>
        new(ECDsa.Create(_key.ExportParameters(true)), begin, end);

    /// <summary>Writes both files as an operator would; the key for its owner alone.</summary>
    public void WriteTo(string certificatePath, string keyPath)
    {
        File.WriteAllText(certificatePath, Pem);
        File.WriteAllText(keyPath, KeyPem);
        File.SetUnixFileMode(keyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }
}
