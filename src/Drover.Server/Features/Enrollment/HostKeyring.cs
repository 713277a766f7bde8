using System.Security.Cryptography;
using System.Text;
using Drover.Core.Trust;
using Drover.Runtime.Files;

namespace Drover.Server.Features.Enrollment;

/// <summary>
/// Seals the keys of hosts for the database with AES-256-GCM under a key file of the data directory (mode 0600, made at
/// the first start): a copy of the database alone lets nobody sign. Each sealed text is bound to its host's id.
/// </summary>
internal sealed class HostKeyring : IDisposable
{
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly AesGcm _cipher;

    private HostKeyring(byte[] key) => _cipher = new AesGcm(key, TagBytes);

    /// <summary>
    /// Opens the key file, or makes it when there is none and no host can have been sealed under another.
    /// </summary>
    /// <exception cref="ServerStartException">
    /// It is missing though there are hosts, damaged, or readable by others.
    /// </exception>
    public static HostKeyring OpenOrCreate(string path, bool mayCreate)
    {
        if (!File.Exists(path))
        {
            if (!mayCreate)
            {
                throw new ServerStartException(
                    $"cannot open the key file \"{path}\": it is missing, and the hosts in the database were sealed "
                        + "under it; "
                    + "restore it from the backup of this data directory");
            }

            AtomicFile.Write(
                path, Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)) + "\n"));
        }

        if (OwnedDirectory.IsReadableByOthers(path))
        {
            throw new ServerStartException(
                $"cannot use the key file \"{path}\": others can read it; run chmod 600 on it");
        }

        var key = new byte[KeyBytes];
        return Convert.TryFromBase64String(File.ReadAllText(path).Trim(), key, out var written) && written == KeyBytes
            ? new HostKeyring(key)
            : throw new ServerStartException(
                $"cannot use the key file \"{path}\": it is damaged; restore it from a backup");
    }

    /// <summary>Seals a host's key.</summary>
    public string Seal(string hostId, AgentKey key)
    {
        var plain = Encoding.UTF8.GetBytes(key.Reveal());
        var sealedBytes = new byte[NonceBytes + plain.Length + TagBytes];
        var nonce = sealedBytes.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        _cipher.Encrypt(
            nonce,
            plain,
            sealedBytes.AsSpan(NonceBytes, plain.Length),
            sealedBytes.AsSpan(NonceBytes + plain.Length),
            Encoding.UTF8.GetBytes(hostId));
        return Convert.ToBase64String(sealedBytes);
    }

    /// <summary>Opens what <see cref="Seal"/> made for the same host.</summary>
    /// <exception cref="ServerStartException">It was sealed under another key file or changed since.</exception>
    public AgentKey Open(string hostId, string sealedText)
    {
        try
        {
            var sealedBytes = Convert.FromBase64String(sealedText).AsSpan();
            var plain = new byte[sealedBytes.Length - NonceBytes - TagBytes];
            _cipher.Decrypt(
                sealedBytes[..NonceBytes],
                sealedBytes[NonceBytes..^TagBytes],
                sealedBytes[^TagBytes..],
                plain,
                Encoding.UTF8.GetBytes(hostId));
            if (AgentKey.TryParse(Encoding.UTF8.GetString(plain), out var key))
            {
                return key!;
            }
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException or OverflowException)
        {
            // Told below in one sentence with the other cause.
        }

        throw new ServerStartException(
            $"cannot open the key of host \"{hostId}\": the key file is not the one it was sealed under; "
            + "restore server.key from the backup of this data directory");
    }

    public void Dispose() => _cipher.Dispose();
}
