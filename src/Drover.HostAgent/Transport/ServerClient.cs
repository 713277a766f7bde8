using System.Globalization;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;

namespace Drover.HostAgent.Transport;

/// <summary>
/// What a host agent alone says to its server: inventory, commands and followed logs, by the signing client that
/// every role has. Thread-safe.
/// </summary>
internal sealed class ServerClient(SignedClient signed)
{
    private static readonly TimeSpan WaitMargin = TimeSpan.FromSeconds(10);

    /// <summary>The host's opaque id.</summary>
    internal string DeploymentHash => signed.DeploymentHash;

    /// <summary>Sends an inventory, full or changed.</summary>
    internal Task<InventoryResponse> SyncAsync(InventoryRequest inventory, CancellationToken cancellationToken) =>
        signed.PostAsync(
        Routes.Inventory, "send the inventory", inventory, WireJson.Default.InventoryRequest,
        WireJson.Default.InventoryResponse, SignedClient.BulkTimeout, cancellationToken);

    /// <summary>Waits at the server for a command; answers at once when there is one, else after
    /// <paramref name="timeout"/>.</summary>
    /// <param name="timeout">Whole seconds, 1..60.</param>
    /// <param name="scope">What it may bring, one of <see cref="WaitScopes"/>.</param>
    /// <param name="run">This run's number: the server gives nothing to one that another has replaced.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal Task<WaitResponse> WaitAsync(
        TimeSpan timeout, string scope, long run, CancellationToken cancellationToken)
    {
        var path = Routes.CommandWait.Replace(
            "{hash}", Uri.EscapeDataString(DeploymentHash), StringComparison.Ordinal);
        var take = scope is WaitScopes.All ? "" : $"&take={scope}";
        var query = string.Create(
            CultureInfo.InvariantCulture, $"?timeout={(int)timeout.TotalSeconds}&run={run}{take}");
        return signed.GetAsync(
            path + query, "wait for a command", WireJson.Default.WaitResponse, timeout + WaitMargin,
            cancellationToken);
    }

    /// <summary>Reports the outcome of a command.</summary>
    internal Task<ReportResponse> ReportAsync(ReportRequest report, CancellationToken cancellationToken) =>
        signed.PostAsync(
        Routes.CommandReport, $"report command \"{report.CommandId}\"", report, WireJson.Default.ReportRequest,
        WireJson.Default.ReportResponse, SignedClient.BulkTimeout, cancellationToken);

    /// <summary>Keeps the leases of commands in hand.</summary>
    internal Task<RenewResponse> RenewAsync(RenewRequest renewal, CancellationToken cancellationToken) =>
        signed.PostAsync(
        Routes.CommandRenew, "renew leases", renewal, WireJson.Default.RenewRequest,
        WireJson.Default.RenewResponse, SignedClient.CallTimeout, cancellationToken);

    /// <summary>Tells how an app stands. A server of the older protocol answers 404, which is a
    /// <see cref="ServerFailure.Rejected"/>.</summary>
    internal Task AppStatusAsync(AppStatusRequest status, CancellationToken cancellationToken) => signed.PostAsync(
        Routes.AppStatus, $"tell the status of app \"{status.AppCode}\"", status, WireJson.Default.AppStatusRequest,
        SignedClient.CallTimeout, cancellationToken);

    /// <summary>
    /// Uploads a log while it is followed. Ends when the content ends or the server closes; has no deadline of its own.
    /// </summary>
    internal Task UploadStreamAsync(string id, HttpContent content, CancellationToken cancellationToken) =>
        signed.UploadAsync(
            Routes.AgentStream.Replace("{id}", Uri.EscapeDataString(id), StringComparison.Ordinal),
            "upload a followed log", content, cancellationToken);
}
