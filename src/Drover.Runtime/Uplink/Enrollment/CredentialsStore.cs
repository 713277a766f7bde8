using System.Text.Json;
using Drover.Core.Trust;
using Drover.Runtime.Files;
using Drover.Wire;
using Drover.Wire.Agents;

namespace Drover.Runtime.Uplink.Enrollment;

/// <summary>
/// The credentials file: the only place on this machine that holds the role's signing key. Written whole with mode
/// 0600; refused when others can read it, when it is not whole, or when a newer version wrote it.
/// </summary>
public sealed class CredentialsStore(string path)
{
    /// <summary>The format this version writes and the newest it reads.</summary>
    public const int Version = 1;

    private const int MaxBytes = 64 << 10;

    public string Path { get; } = path;

    /// <summary>What the file holds, or null when there is none.</summary>
    /// <exception cref="EnrollmentException">There is one and it cannot be used; the sentence says what to
    /// do.</exception>
    public AgentCredentials? Read()
    {
        try
        {
            if (!File.Exists(Path))
            {
                return null;
            }

            if (OwnedDirectory.IsReadableByOthers(Path))
            {
                throw Unusable(
                    $"other users can read it; run: chmod 600 '{Path}' (and enroll anew if somebody may have read it)");
            }

            if (new FileInfo(Path).Length > MaxBytes)
            {
                throw Unusable("it is far too large to be a credentials file; remove it and enroll with a new token");
            }

            return Checked(Parse(File.ReadAllBytes(Path)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable($"{error.Message.TrimEnd('.')}; make it readable for this user", error);
        }
    }

    /// <summary>Returns when the file is on disk.</summary>
    /// <exception cref="EnrollmentException">It cannot be written.</exception>
    public void Write(AgentCredentials credentials)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
            AtomicFile.Write(Path, JsonSerializer.SerializeToUtf8Bytes(credentials, WireJson.Default.AgentCredentials));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EnrollmentException(
                $"cannot write the credentials file \"{Path}\": {error.Message.TrimEnd('.')}; make its directory "
                    + "writable or choose another credentials path",
                error);
        }
    }

    private AgentCredentials Parse(byte[] content)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            if (document.RootElement.TryGetProperty("version", out var version)
                && version.TryGetInt32(out var number) && number > Version)
            {
                throw Unusable(
                    $"it has format {number}, a newer Drover wrote it and this one reads {Version}; use that newer "
                        + "version");
            }

            return document.RootElement.Deserialize(WireJson.Default.AgentCredentials) ?? throw Damaged();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw Damaged(error);
        }
    }

    private AgentCredentials Checked(AgentCredentials credentials)
    {
        var isWhole = credentials.Version == Version
            && AgentKey.TryParse(credentials.Key, out _)
            && Uri.TryCreate(credentials.Server, UriKind.Absolute, out _)
            && (credentials.State == AgentCredentials.Pending
                || (credentials.State == AgentCredentials.Enrolled
                    && !string.IsNullOrEmpty(credentials.HostId) && !string.IsNullOrEmpty(credentials.DeploymentHash)));
        return isWhole ? credentials : throw Damaged();
    }

    private EnrollmentException Damaged(Exception? inner = null) =>
        Unusable("it is not whole; restore it from a backup, or remove it and enroll with a new token", inner);

    private EnrollmentException Unusable(string why, Exception? inner = null) =>
        new($"cannot use the credentials file \"{Path}\": {why}", inner);
}
