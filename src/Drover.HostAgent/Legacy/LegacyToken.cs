using Drover.Core.Trust;
using Drover.Runtime.Files;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Legacy;

/// <summary>
/// The agent's token, from its file: HMAC key and bearer token in one. Never issued by the agent itself. When the
/// server refuses it the file is read again, once for all calls that were refused with the same token. Thread-safe.
/// </summary>
internal sealed partial class LegacyToken
{
    private const int MaxBytes = 4096;

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly ILogger<LegacyToken> _log;
    private AgentKey _current;

    private LegacyToken(string path, AgentKey current, ILogger<LegacyToken> log) =>
        (_path, _current, _log) = (path, current, log);

    /// <summary>What to sign with now.</summary>
    internal AgentKey Current
    {
        get
        {
            lock (_gate)
            {
                return _current;
            }
        }
    }

    /// <exception cref="HostAgentStartException">The file cannot be used; the sentence says why.</exception>
    internal static LegacyToken Open(string path, ILogger<LegacyToken> log) => new(path, Read(path), log);

    /// <summary>The server refused a token: is there another one now?</summary>
    /// <param name="refused">The one it refused.</param>
    internal bool ReadAgain(AgentKey refused)
    {
        lock (_gate)
        {
            if (!_current.Equals(refused))
            {
                // Another call was refused first and has read it.
                return true;
            }

            try
            {
                _current = Read(_path);
            }
            catch (HostAgentStartException error)
            {
                LogUnusable(error.Message);
            }

            return !_current.Equals(refused);
        }
    }

    private static AgentKey Read(string path)
    {
        try
        {
            if (OwnedDirectory.IsReadableByOthers(path))
            {
                throw Unusable(path, $"other users can read it; run: chmod 600 '{path}'");
            }

            if (new FileInfo(path).Length > MaxBytes)
            {
                throw Unusable(path, "it is far too large to hold a token alone");
            }

            return AgentKey.TryParse(File.ReadAllText(path).Trim(), out var key)
                ? key!
                : throw Unusable(
                    path,
                    $"it must hold one token of {AgentKey.MinLength} to {AgentKey.MaxLength} printable characters and "
                        + "nothing else");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(
                path, $"{error.Message.TrimEnd('.')}; write AGENT_TOKEN of the old agent's .env into it", error);
        }
    }

    private static HostAgentStartException Unusable(string path, string why, Exception? inner = null) =>
        new($"cannot use host_agent.legacy.token_file \"{path}\": {why}", inner);

    [LoggerMessage(2801, LogLevel.Warning, "the server refused the token, and it cannot be read again: {Why}")]
    private partial void LogUnusable(string why);
}
