using Drover.HostAgent.Transport;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands;

/// <summary>The command part's door to the real server: the agent's one signing client.</summary>
internal sealed class ServerCommandChannel(ServerClient client, long run) : ICommandServer
{
    public string DeploymentHash => client.DeploymentHash;

    public Task<WaitResponse> WaitAsync(TimeSpan timeout, string scope, CancellationToken cancellationToken) =>
        client.WaitAsync(timeout, scope, run, cancellationToken);

    public Task<ReportResponse> ReportAsync(ReportRequest report, CancellationToken cancellationToken) =>
        client.ReportAsync(report, cancellationToken);

    public Task<RenewResponse> RenewAsync(RenewRequest renewal, CancellationToken cancellationToken) =>
        client.RenewAsync(renewal, cancellationToken);

    public Task AppStatusAsync(AppStatusRequest status, CancellationToken cancellationToken) =>
        client.AppStatusAsync(status, cancellationToken);

    public Task UploadStreamAsync(string id, HttpContent content, CancellationToken cancellationToken) =>
        client.UploadStreamAsync(id, content, cancellationToken);
}
