using System.Net;
using Drover.Runtime.Docker;

namespace Drover.Gateway.Swarm;

/// <summary>
/// The only type of the gateway that changes what runs, which a test of the compiled assembly holds. It changes one
/// number of a service and nothing else of it, and freezes and thaws containers of this node.
/// </summary>
internal sealed class ServiceScaler(DockerClient docker, TimeProvider time) : IServiceScaler
{
    // Whoever else changes the service is done within milliseconds; ten tries are two and a half seconds.
    private const int Tries = 10;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public async Task<ScaleOutcome> ScaleAsync(string service, int replicas, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var left = Tries; ; left--)
        {
            try
            {
                return await ScaleOnceAsync(service, replicas, cancellationToken);
            }
            catch (DockerApiException error) when (error.IsStaleVersion && left > 1)
            {
                await Task.Delay(pause, time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            catch (DockerApiException error) when (error.IsStaleVersion)
            {
                return new ScaleOutcome.Unreachable(
                    $"cannot scale service \"{service}\": others change it all the time");
            }
            catch (DockerException error)
            {
                return Failed($"scale service \"{service}\"", error);
            }
        }
    }

    /// <inheritdoc/>
    public Task<ScaleOutcome> PauseAsync(string containerId, CancellationToken cancellationToken) =>
        FreezeAsync(containerId, isPaused: true, cancellationToken);

    /// <inheritdoc/>
    public Task<ScaleOutcome> UnpauseAsync(string containerId, CancellationToken cancellationToken) =>
        FreezeAsync(containerId, isPaused: false, cancellationToken);

    private async Task<ScaleOutcome> ScaleOnceAsync(
        string service, int replicas, CancellationToken cancellationToken)
    {
        var found = await docker.Services.InspectRawAsync(service, cancellationToken);

        // The engine takes the beginning of an id for a name.
        if (found.Name != service)
        {
            return new ScaleOutcome.Refused($"cannot scale service \"{service}\": there is no such service");
        }

        if (found.Replicas is not { } now)
        {
            return new ScaleOutcome.Refused(
                $"cannot scale service \"{service}\": it is not a replicated service. Deploy it with mode replicated");
        }

        if (now != replicas)
        {
            await docker.Services.UpdateAsync(found.Scaled(replicas), cancellationToken);
        }

        return new ScaleOutcome.Done();
    }

    private async Task<ScaleOutcome> FreezeAsync(
        string containerId, bool isPaused, CancellationToken cancellationToken)
    {
        try
        {
            await (isPaused
                ? docker.Containers.PauseAsync(containerId, cancellationToken)
                : docker.Containers.UnpauseAsync(containerId, cancellationToken));
            return new ScaleOutcome.Done();
        }
        catch (DockerException error)
        {
            // Engines answer "it is so already" with statuses of several kinds: what it is counts, not what they say.
            return await IsAlreadyAsync(containerId, isPaused, error, cancellationToken)
                ? new ScaleOutcome.Done()
                : Failed($"{(isPaused ? "pause" : "unpause")} container \"{containerId}\"", error);
        }
    }

    private async Task<bool> IsAlreadyAsync(
        string containerId, bool isPaused, DockerException error, CancellationToken cancellationToken)
    {
        if (error is not DockerApiException { IsNotFound: false })
        {
            return false;
        }

        try
        {
            var state = (await docker.Containers.InspectAsync(containerId, cancellationToken)).State;
            return state.Running && state.Paused == isPaused;
        }
        catch (DockerException)
        {
            return false;
        }
    }

    private static ScaleOutcome Failed(string operation, DockerException error) => error switch
    {
        // 5xx: no leader, no quorum, no manager, an engine that shuts down. All of it may pass.
        DockerApiException { Status: >= HttpStatusCode.InternalServerError } refusal =>
            new ScaleOutcome.Unreachable($"cannot {operation}: {refusal.EngineMessage}"),
        DockerApiException refusal => new ScaleOutcome.Refused($"cannot {operation}: {refusal.EngineMessage}"),
        _ => new ScaleOutcome.Unreachable(error.Message),
    };
}
