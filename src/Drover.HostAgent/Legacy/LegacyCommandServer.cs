using System.Text.Json;
using Drover.HostAgent.Commands;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Legacy;

/// <summary>
/// The command part's door to a server of the older protocol. That server gives a command out once and for all: it is
/// only asked while there is room for whatever it brings, and there are no leases to keep and no logs to follow.
/// </summary>
internal sealed class LegacyCommandServer(
    LegacyClient client, LegacyOptions options, ServerLink link, TimeProvider time) : ICommandServer
{
    public string DeploymentHash => options.DeploymentHash;

    public async Task<WaitResponse> WaitAsync(TimeSpan timeout, string scope, CancellationToken cancellationToken)
    {
        if (scope is not WaitScopes.All)
        {
            await Task.Delay(timeout, time, cancellationToken);
            return Answer(null, 0);
        }

        try
        {
            var body = await client.WaitAsync(timeout, cancellationToken);
            var (command, pause) = LegacyCommands.Read(body, DeploymentHash, time.GetUtcNow());
            link.Worked(time.GetUtcNow());
            return Answer(command, pause);
        }
        catch (JsonException error)
        {
            var why = $"cannot wait for a command: the server's answer makes no sense: {error.Message}";
            link.Failed(why);
            throw new ServerCallException(ServerFailure.Rejected, why, innerException: error);
        }
        catch (ServerCallException error)
        {
            link.Failed(error.Message);
            throw;
        }
    }

    public async Task<ReportResponse> ReportAsync(ReportRequest report, CancellationToken cancellationToken)
    {
        await client.ReportAsync(report.CommandId, LegacyBodies.Of(report), cancellationToken);
        return new ReportResponse("Result accepted", new ReportAccepted(true, report.Status));
    }

    public Task<RenewResponse> RenewAsync(RenewRequest renewal, CancellationToken cancellationToken) =>
        Task.FromResult(new RenewResponse([]));

    public Task AppStatusAsync(AppStatusRequest status, CancellationToken cancellationToken) =>
        client.AppStatusAsync(status.AppCode, LegacyBodies.Of(status), cancellationToken);

    public Task UploadStreamAsync(string id, HttpContent content, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("a server of the older protocol follows no logs");

    // A lease without end: nobody else will ever get the command.
    private static WaitResponse Answer(CommandDto? command, int pause) => new(
        command is null ? "No command available" : "Command available",
        command,
        new WaitMeta(pause, LeaseSecs: int.MaxValue, Streams: null));
}
