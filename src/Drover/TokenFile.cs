using System.Text;
using Drover.Runtime.Files;
using Drover.Wire.Client;
using Drover.Wire.People;

namespace Drover;

/// <summary>
/// The file a new token goes into. It is tried before the token is made: a token that nobody holds would stay valid.
/// What is there already stays: it may be a token in use, or no token at all.
/// </summary>
internal static class TokenFile
{
    /// <summary>Refuses a file that could not be written.</summary>
    public static void CheckBefore(string path)
    {
        var trial = $"{Path.GetFullPath(path)}.tmp";
        try
        {
            if (Directory.Exists(path))
            {
                throw Unusable(path, "it is a directory", null);
            }

            if (File.Exists(path))
            {
                throw new CliException(
                    ExitCode.Failed,
                    $"cannot write the token to \"{path}\": the file is there already; no token was made",
                    "choose another file, or remove this one first");
            }

            AtomicFile.Write(trial, []);
            File.Delete(trial);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, Why(error), error);
        }
    }

    /// <summary>Writes it, readable by its owner alone; a token that cannot be kept is revoked again.</summary>
    public static async Task WriteAsync(string path, CreatedTokenDto created, DroverClient client)
    {
        try
        {
            UserDirectory.Prepare(Path.GetFullPath(path));
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(created.Token + "\n"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            await client.RevokeTokenAsync(created.TokenId, CancellationToken.None).ConfigureAwait(false);
            throw Unusable(path, Why(error), error);
        }
    }

    private static CliException Unusable(string path, string why, Exception? cause) => new(
        ExitCode.Failed,
        $"cannot write the token to \"{path}\": {why}; no token was made",
        "choose a file in a directory that is there and that you may write to, or leave out --file",
        cause);

    private static string Why(Exception error) => error switch
    {
        DirectoryNotFoundException => "there is no such directory",
        UnauthorizedAccessException => "this user may not write there",
        _ => error.Message,
    };
}
