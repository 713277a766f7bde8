using System.Text.Json;
using Drover.Runtime.Configuration;
using Drover.Runtime.Files;

namespace Drover.Login;

/// <summary>
/// The file <c>login.json</c> in the person's own directory (mode 0600). Refused when others can read it, when it is
/// not whole, or when a newer version wrote it.
/// </summary>
internal sealed class LoginStore(EnvironmentVariables environment)
{
    private const int Version = 1;
    private const int MaxBytes = 64 << 10;
    private const string Again = "log in again with `drover login SERVER`, or `drover logout`";

    /// <summary>Where it is.</summary>
    public string File { get; } = UserDirectory.File(environment, "login.json");

    /// <summary>
    /// The login that holds for verbs, or null: none was saved, or the environment names a server or a data directory,
    /// which is nearer to the command than a file.
    /// </summary>
    public static SavedLogin? InForce(EnvironmentVariables environment)
    {
        if (environment[EnvironmentVariables.Server] is not null
            || environment[EnvironmentVariables.DataDirectory] is not null
            || (environment["HOME"] is null && environment["XDG_CONFIG_HOME"] is null))
        {
            return null;
        }

        return new LoginStore(environment).Read();
    }

    /// <summary>What is saved, or null.</summary>
    /// <exception cref="ConfigurationException">There is a file and it cannot be used.</exception>
    public SavedLogin? Read()
    {
        try
        {
            if (!System.IO.File.Exists(File))
            {
                return null;
            }

            if (OwnedDirectory.IsReadableByOthers(File))
            {
                throw Unusable("other users can read it", $"chmod 600 {File}; revoke its token if somebody may have");
            }

            return new FileInfo(File).Length > MaxBytes
                ? throw Unusable("it is far too large", Again)
                : Parse(System.IO.File.ReadAllBytes(File));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(error.Message.TrimEnd('.'), Again);
        }
    }

    /// <summary>Returns when it is on disk.</summary>
    public void Write(string server, string? pin, Secret token)
    {
        UserDirectory.Prepare(File);
        AtomicFile.Write(
            File,
            JsonSerializer.SerializeToUtf8Bytes(
                new SavedLogin(Version, server, pin, token.Reveal()), LoginJson.Default.SavedLogin));
    }

    /// <summary>Forgets the login; false when there was none.</summary>
    public bool Forget()
    {
        if (!System.IO.File.Exists(File))
        {
            return false;
        }

        System.IO.File.Delete(File);
        return true;
    }

    private SavedLogin Parse(byte[] content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, LoginJson.Default.SavedLogin) switch
            {
                { Version: > Version } newer => throw Unusable(
                    $"it has format {newer.Version}, a newer Drover wrote it and this one reads {Version}", Again),
                { Version: Version, Server.Length: > 0, Token.Length: > 0 } whole => whole,
                _ => throw Unusable("it is not whole", Again),
            };
        }
        catch (JsonException)
        {
            throw Unusable("it is not whole", Again);
        }
    }

    private ConfigurationException Unusable(string why, string hint) =>
        new($"cannot use the login in \"{File}\": {why}") { Hint = hint };
}
