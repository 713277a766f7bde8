using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands;

/// <summary>The server as the command part needs it. An edge: behind it is the network.</summary>
internal interface ICommandServer
{
    /// <summary>The host's opaque id.</summary>
    string DeploymentHash { get; }

    /// <summary>Waits for a command or log streams; answers at once when there are some.</summary>
    /// <param name="timeout">How long, whole seconds.</param>
    /// <param name="scope">What it may bring, one of <see cref="WaitScopes"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<WaitResponse> WaitAsync(TimeSpan timeout, string scope, CancellationToken cancellationToken);

    /// <summary>Reports an outcome.</summary>
    Task<ReportResponse> ReportAsync(ReportRequest report, CancellationToken cancellationToken);

    /// <summary>Keeps the leases of commands in hand.</summary>
    Task<RenewResponse> RenewAsync(RenewRequest renewal, CancellationToken cancellationToken);

    /// <summary>Tells how an app stands.</summary>
    Task AppStatusAsync(AppStatusRequest status, CancellationToken cancellationToken);

    /// <summary>Uploads a followed log until the content or the server ends it.</summary>
    Task UploadStreamAsync(string id, HttpContent content, CancellationToken cancellationToken);
}
