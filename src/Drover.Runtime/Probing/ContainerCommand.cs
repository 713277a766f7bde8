using System.Globalization;
using System.Text;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Processes;

namespace Drover.Runtime.Probing;

/// <summary>
/// Runs the command of an exec probe inside its container, through the engine. The engine has no way to end what it
/// started there; on this machine it is found by its marker and killed like any other command, with all that it
/// started. Where it is not to be found (an engine elsewhere, no right to look) the next run waits for its end, so
/// that there is never more than one.
/// </summary>
internal sealed class ContainerCommand(ProbeTarget.Exec target, ProbeServices services)
{
    private const int MostWords = 4 * 1024;
    private const string LoaderWords = "OCI runtime exec failed";
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private string? _unfinished;

    public async Task<ProbeReport> RunAsync(string containerId, CancellationToken cancellationToken)
    {
        var docker = services.NeedDocker()();
        try
        {
            if (_unfinished is { } before && await IsRunningAsync(docker, before, cancellationToken))
            {
                return ProbeReport.Failure("the command of an earlier run has not ended yet in the container");
            }

            _unfinished = null;
            return await RunAsync(docker, containerId, cancellationToken);
        }
        catch (DockerApiException exception) when (exception.IsNotFound || exception.IsConflict)
        {
            return ProbeReport.Failure(ForeignText.OneLine(exception.Message));
        }
        catch (DockerException exception)
        {
            return ProbeReport.Error(ForeignText.OneLine(exception.Message));
        }
    }

    private async Task<ProbeReport> RunAsync(
        DockerClient docker, string containerId, CancellationToken cancellationToken)
    {
        var marker = $"probe-{Guid.NewGuid():N}";
        var id = await docker.Exec.CreateAsync(
            containerId,
            new CreateExec
            {
                Cmd = target.Command,
                User = target.User,
                Env = [$"{LaunchSpec.MarkerVariable}={marker}"],
            },
            cancellationToken);
        try
        {
            var words = await ReadAsync(docker, id, cancellationToken);
            return Judge(await docker.Exec.InspectAsync(id, cancellationToken), words);
        }
        catch (OperationCanceledException)
        {
            _unfinished = id;
            if (services.Launcher is { } launcher)
            {
                await launcher.KillRemainsAsync(null, marker, null, EndPatience, CancellationToken.None);
            }

            throw;
        }
    }

    /// <summary>Runs it to its end; the end of what it wrote.</summary>
    private static async Task<string> ReadAsync(DockerClient docker, string id, CancellationToken cancellationToken)
    {
        var words = new StringBuilder();
        await foreach (var line in docker.Exec.StartAsync(id, tty: false, cancellationToken))
        {
            words.Append(line.Text.AsSpan(Math.Max(0, line.Text.Length - MostWords))).Append('\n');
            if (words.Length > 2 * MostWords)
            {
                words.Remove(0, words.Length - MostWords);
            }
        }

        return words.ToString();
    }

    private static ProbeReport Judge(ExecInspect exec, string output)
    {
        var words = ForeignText.LastWords(output);
        var says = words.Length == 0 ? "" : $": {words}";
        return exec.ExitCode switch
        {
            0 => ProbeReport.Success($"exit code 0{says}"),
            _ when output.StartsWith(LoaderWords, StringComparison.Ordinal) =>
                ProbeReport.Error($"cannot run the command in the container{says}"),
            { } code => ProbeReport.Failure(string.Create(CultureInfo.InvariantCulture, $"exit code {code}{says}")),
            null => ProbeReport.Error("cannot tell how the command ended: the engine says that it still runs"),
        };
    }

    private static async Task<bool> IsRunningAsync(DockerClient docker, string id, CancellationToken cancellationToken)
    {
        try
        {
            return (await docker.Exec.InspectAsync(id, cancellationToken)).Running;
        }
        catch (DockerApiException exception) when (exception.IsNotFound)
        {
            return false;
        }
    }
}
