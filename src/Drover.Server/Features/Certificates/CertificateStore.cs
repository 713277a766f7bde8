using System.Text.Json;
using System.Text.Json.Serialization;
using Drover.Runtime.Files;

namespace Drover.Server.Features.Certificates;

/// <summary>
/// The file <c>server-tls.json</c> of the data directory (mode 0600): the certificate the server made itself, and the
/// one that will follow it. One file, so that a switch from one to the other is one rename.
/// </summary>
internal sealed class CertificateStore(string path)
{
    private const int Version = 1;

    /// <summary>What is stored, or null before the first start with TLS.</summary>
    /// <exception cref="ServerStartException">It cannot be used; the sentence says why and what to do.</exception>
    public StoredCertificates? Read()
    {
        if (!File.Exists(path))
        {
            return null;
        }

        if (OwnedDirectory.IsReadableByOthers(path))
        {
            throw Unusable("others can read it; run chmod 600 on it");
        }

        try
        {
            var stored = JsonSerializer.Deserialize(
                File.ReadAllBytes(path), CertificateStoreJson.Default.StoredCertificates);
            return stored switch
            {
                { Version: > Version } => throw Unusable(
                    $"it has format {stored.Version}, a newer Drover wrote it and this one reads {Version}; use that "
                        + "newer version"),
                { Version: Version, Current.Length: > 0 } => stored,
                _ => throw Damaged(null),
            };
        }
        catch (JsonException error)
        {
            throw Damaged(error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(error.Message, error);
        }
    }

    /// <summary>Returns when it is on disk.</summary>
    public void Write(string current, string? next, DateTimeOffset? switchAt) => AtomicFile.Write(
        path,
        JsonSerializer.SerializeToUtf8Bytes(
            new StoredCertificates(Version, current, next, switchAt),
            CertificateStoreJson.Default.StoredCertificates));

    /// <summary>It is there and cannot be read as what it should be.</summary>
    public ServerStartException Damaged(Exception? inner) => Unusable(
        "it is damaged; restore it from the backup of this data directory, or remove it: the server then makes a new "
            + "certificate, and every host agent must be given its pin",
        inner);

    private ServerStartException Unusable(string why, Exception? inner = null)
    {
        var sentence = $"cannot use the certificate file \"{path}\": {why}";
        return inner is null ? new ServerStartException(sentence) : new ServerStartException(sentence, inner);
    }
}

/// <summary>What <see cref="CertificateStore"/> keeps.</summary>
/// <param name="Version">Format; 1.</param>
/// <param name="Current">PEM of the certificate in use and its key.</param>
/// <param name="Next">PEM of the one that follows, while it is announced.</param>
/// <param name="SwitchAt">When it follows.</param>
internal sealed record StoredCertificates(int Version, string Current, string? Next, DateTimeOffset? SwitchAt)
{
    /// <summary>The keys are never printed.</summary>
    public override string ToString() => "StoredCertificates";
}

/// <summary>How the file is written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredCertificates))]
internal sealed partial class CertificateStoreJson : JsonSerializerContext;
