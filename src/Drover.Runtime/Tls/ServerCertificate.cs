using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Drover.Core.Trust;

namespace Drover.Runtime.Tls;

/// <summary>
/// A certificate with its private key and the certificates between it and its authority, ready for handshakes. Holds a
/// secret; never prints it.
/// </summary>
public sealed class ServerCertificate
{
    private ServerCertificate(
        X509Certificate2 leaf, X509Certificate2Collection between, ServerPin pin, bool isSelfSigned)
    {
        Leaf = leaf;
        Pin = pin;
        IsSelfSigned = isSelfSigned;
        Context = SslStreamCertificateContext.Create(leaf, between, offline: true);
        IsKnownToAuthorities = !isSelfSigned && ChainsToAuthority(leaf, between);
    }

    /// <summary>The certificate itself.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>What its key is known by.</summary>
    public ServerPin Pin { get; }

    /// <summary>What a handshake takes.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>True when no authority signed it.</summary>
    public bool IsSelfSigned { get; }

    /// <summary>
    /// True when an authority that this machine trusts signed it: host agents then need no pin, and get none, for a
    /// pin would outlive the renewals that authorities ask for.
    /// </summary>
    public bool IsKnownToAuthorities { get; }

    /// <summary>From when on it is valid.</summary>
    public DateTimeOffset NotBefore => new(Leaf.NotBefore.ToUniversalTime(), TimeSpan.Zero);

    /// <summary>Until when it is valid.</summary>
    public DateTimeOffset NotAfter => new(Leaf.NotAfter.ToUniversalTime(), TimeSpan.Zero);

    /// <summary>Reads PEM text.</summary>
    /// <param name="certificates">The certificate first, then those between it and its authority.</param>
    /// <param name="key">Its private key, not encrypted; may be the same text.</param>
    /// <exception cref="CryptographicException">It cannot be read, or the key is another certificate's.</exception>
    public static ServerCertificate FromPem(string certificates, string key)
    {
        X509Certificate2 leaf;
        try
        {
            leaf = X509Certificate2.CreateFromPem(certificates, key);
        }
        catch (ArgumentException error)
        {
            // What the base library throws for a key of another certificate.
            throw new CryptographicException(error.Message, error);
        }

        var all = new X509Certificate2Collection();
        all.ImportFromPem(certificates);
        all.RemoveAt(0);
        var isSelfSigned = leaf.SubjectName.RawData.AsSpan().SequenceEqual(leaf.IssuerName.RawData);
        return new ServerCertificate(
            leaf, all, ServerPin.Of(leaf.PublicKey.ExportSubjectPublicKeyInfo()), isSelfSigned);
    }

    /// <inheritdoc/>
    public override string ToString() => Pin.ToString();

    private static bool ChainsToAuthority(X509Certificate2 leaf, X509Certificate2Collection between)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ExtraStore.AddRange(between);
        return chain.Build(leaf);
    }
}
