using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Drover.Core.Trust;
using Drover.Runtime.Docker;
using Drover.Runtime.Files;
using Drover.Runtime.Scheduling;
using Drover.Runtime.Uplink.Enrollment;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.Legacy;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Legacy;

/// <summary>
/// Does for a new host what that server's installer does: asks for the agent's id and token by the deployment hash and
/// writes both to disk, the token into its file for this user alone. Done once; asked again after a cut, that server
/// gives the same. Only where the configuration asks for it: there, whoever knows a deployment hash is given its token.
/// </summary>
internal sealed partial class LegacyRegistration(
    HostAgentOptions options, string idFile, HttpClient http, DockerClient docker, TimeProvider time, Random random,
    ILogger<LegacyRegistration> logger)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    private readonly Uri _server = options.Server!;

    /// <summary>The options with the agent's id: registered now, or the one from before.</summary>
    /// <exception cref="HostAgentStartException">The server refused, or the disk did.</exception>
    internal async Task<LegacyOptions> EnsureAsync(LegacyOptions legacy, CancellationToken cancellationToken)
    {
        if (File.Exists(legacy.TokenFile) && KnownId(legacy) is { } known)
        {
            return legacy with { AgentId = known };
        }

        var body = await BodyAsync(legacy, cancellationToken);
        var item = await AskUntilAnsweredAsync(body, cancellationToken);
        Write(legacy.TokenFile, $"{item.AgentToken}\n");
        Write(idFile, $"{Whose(legacy)}{item.AgentId}\n");
        LogRegistered(_server, item.AgentId);
        return legacy with { AgentId = item.AgentId };
    }

    private string? KnownId(LegacyOptions legacy)
    {
        var text = File.Exists(idFile) ? File.ReadAllText(idFile) : string.Empty;
        var whose = Whose(legacy);
        return text.StartsWith(whose, StringComparison.Ordinal)
            && Guid.TryParse(text[whose.Length..].Trim(), out var id)
            ? id.ToString()
            : null;
    }

    /// <summary>An id is good for one deployment at one server.</summary>
    private string Whose(LegacyOptions legacy) =>
        $"{_server.GetLeftPart(UriPartial.Authority)}\n{legacy.DeploymentHash}\n";

    private async Task<byte[]> BodyAsync(LegacyOptions legacy, CancellationToken cancellationToken)
    {
        var facts = await MachineFacts.ReadAsync(docker, time, cancellationToken);
        using var machine = JsonDocument.Parse(new JsonObject
        {
            ["hostname"] = facts.Hostname,
            ["os"] = facts.Os,
            ["architecture"] = facts.Architecture,
        }.ToJsonString());
        return JsonSerializer.SerializeToUtf8Bytes(
            new LegacyRegisterRequest(
                legacy.DeploymentHash, options.AgentVersion, CommandTypes.All, machine.RootElement),
            LegacyJson.Default.LegacyRegisterRequest);
    }

    private async Task<LegacyRegisterItem> AskUntilAnsweredAsync(byte[] body, CancellationToken cancellationToken)
    {
        var pacer = new RetryPacer(FirstPause, LongestPause, random);
        while (true)
        {
            try
            {
                return await AskAsync(body, cancellationToken);
            }
            catch (ServerCallException error) when (error is { Failure: ServerFailure.Unreachable, IsDistrust: false })
            {
                var pause = pacer.Next(error.RetryAfter);
                LogRetry(_server, error.Message, pause);
                await Task.Delay(pause, time, cancellationToken);
            }
            catch (ServerCallException error)
            {
                throw new HostAgentStartException(
                    $"{error.Message}; check host_agent.server and host_agent.legacy.deployment_hash", error);
            }
        }
    }

    private async Task<LegacyRegisterItem> AskAsync(byte[] body, CancellationToken cancellationToken)
    {
        var what = $"register at \"{_server}\"";
        using var deadline = new Deadline(time, CallTimeout, cancellationToken);
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        try
        {
            using var response = await http.PostAsync(
                new Uri(_server, Routes.LegacyRegister), content, deadline.Token);
            var answer = await ServerAnswer.ReadAsync(
                response, what, LegacyJson.Default.LegacyRegisterResponse, deadline.Token);
            return answer.Data?.Item is { } item
                && Guid.TryParse(item.AgentId, out _) && AgentKey.TryParse(item.AgentToken, out _)
                ? item
                : throw new ServerCallException(
                    ServerFailure.Rejected, $"cannot {what}: the server's answer has no agent_id and agent_token");
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw new ServerCallException(
                ServerFailure.Unreachable, $"cannot {what}: no answer within {CallTimeout.TotalSeconds:0} s");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw ServerConnection.Failed(what, _server, error);
        }
    }

    private static void Write(string path, string text)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(text));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new HostAgentStartException(
                $"cannot keep what the registration gave in \"{path}\": {error.Message.TrimEnd('.')}; make its "
                    + "directory writable for this user",
                error);
        }
    }

    [LoggerMessage(2821, LogLevel.Information, "registered at {Server} as agent {AgentId}")]
    private partial void LogRegistered(Uri server, string agentId);

    [LoggerMessage(2822, LogLevel.Warning, "cannot register at {Server} yet ({Reason}); next try in {Pause}")]
    private partial void LogRetry(Uri server, string reason, TimeSpan pause);
}
