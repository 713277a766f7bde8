using System.Runtime.CompilerServices;
using Drover.Runtime.Docker.Logs;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Containers;

/// <summary>Commands run inside running containers. Standard input is not offered: nothing of ours types.</summary>
public sealed class ExecOperations
{
    private readonly EngineTransport _transport;

    internal ExecOperations(EngineTransport transport) => _transport = transport;

    /// <summary>Prepares it and gives its id; nothing runs yet.</summary>
    public async Task<string> CreateAsync(string containerId, CreateExec exec, CancellationToken cancellationToken)
    {
        var request = EngineRequest.Post(
            $"/containers/{Uri.EscapeDataString(containerId)}/exec",
            $"run a command in container \"{containerId}\"") with
        {
            Body = EngineBody.Json(exec, ContainerJson.Default.CreateExec),
        };
        return (await _transport.ReadAsync(request, ContainerJson.Default.CreatedExec, cancellationToken)).Id;
    }

    /// <summary>Runs it and gives its output line by line until it ends. Leaving early closes the connection; the
    /// command runs on.</summary>
    /// <param name="execId">From <see cref="CreateAsync"/>.</param>
    /// <param name="tty">As in <see cref="CreateExec.Tty"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<LogLine> StartAsync(
        string execId, bool tty, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = await _transport.OpenAsync(Start(execId, detach: false, tty), cancellationToken);
        var lines = LogReader.ReadAsync(
            stream, tty, timestamps: false, _transport.Options.MaxLineBytes, cancellationToken);
        await foreach (var line in lines)
        {
            yield return line;
        }
    }

    /// <summary>Runs it and does not wait.</summary>
    public Task StartDetachedAsync(string execId, CancellationToken cancellationToken) =>
        _transport.SendAsync(Start(execId, detach: true, tty: false), cancellationToken);

    public Task<ExecInspect> InspectAsync(string execId, CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get($"/exec/{Uri.EscapeDataString(execId)}/json", $"inspect exec \"{execId}\""),
        ContainerJson.Default.ExecInspect,
        cancellationToken);

    private static EngineRequest Start(string execId, bool detach, bool tty) =>
        EngineRequest.Post($"/exec/{Uri.EscapeDataString(execId)}/start", $"start exec \"{execId}\"") with
        {
            Body = EngineBody.Json(new StartExec { Detach = detach, Tty = tty }, ContainerJson.Default.StartExec),
        };
}
