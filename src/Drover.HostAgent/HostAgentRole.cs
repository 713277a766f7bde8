using System.Security.Cryptography;
using Drover.HostAgent.Legacy;
using Drover.Runtime.Docker;
using Drover.Runtime.Files;
using Drover.Runtime.Uplink;
using Drover.Runtime.Uplink.Enrollment;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent;

/// <summary>
/// The host agent as a part of a process: enrolled, one to a data directory, at work until it is stopped. A server or
/// an engine that is away never ends it; <see cref="Completion"/> fails only for a defect.
/// </summary>
public sealed class HostAgentRole : IAsyncDisposable
{
    private readonly FileLock _lock;
    private readonly IAgentWork? _loops;

    private HostAgentRole(FileLock fileLock, string hostId, IAgentWork? loops)
    {
        _lock = fileLock;
        _loops = loops;
        HostId = hostId;
    }

    /// <summary>The id the server knows this host by.</summary>
    public string HostId { get; }

    /// <summary>Where the local API listens; null when it is off.</summary>
    public Uri? LocalApi => _loops?.LocalApi;

    /// <summary>Ends when the agent has stopped: at once after an enrollment with
    /// <see cref="HostAgentOptions.Once"/>.</summary>
    public Task Completion => _loops?.Completion ?? Task.CompletedTask;

    /// <summary>
    /// Enrolls where that is still to be done (and then waits for the server as long as it takes, unless
    /// <see cref="HostAgentOptions.Once"/>), and starts the loops.
    /// </summary>
    /// <exception cref="HostAgentStartException">It cannot start; the sentence says why and what to do.</exception>
    public static async Task<HostAgentRole> StartAsync(
        HostAgentOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        options.Validate();
        var paths = new AgentPaths(options.DataDirectory);
        var fileLock = TakeDataDirectory(paths);
        DockerClient? docker = null;
        try
        {
            docker = new DockerClient(Endpoint(options.DockerHost), time);
            if (options.Legacy is { } legacy)
            {
                return new HostAgentRole(
                    fileLock,
                    legacy.AgentId,
                    await LegacyLoops.StartAsync(options, legacy, paths, docker, loggers, time, cancellationToken));
            }

            var spec = options.Uplink(paths.Own);
            var store = new CredentialsStore(spec.CredentialsFile);
            var enroller = new Enroller(spec, store, docker, time, NewRandom(), loggers.CreateLogger<Enroller>());
            var credentials = await enroller.EnsureAsync(cancellationToken);
            if (options.Once)
            {
                docker.Dispose();
                return new HostAgentRole(fileLock, credentials.HostId!, loops: null);
            }

            var loops = await AgentLoops.StartAsync(
                options, paths,
                (run, spool) => new UplinkParts(spec, store, credentials, run, spool, loggers, time),
                docker, loggers, time, cancellationToken);
            return new HostAgentRole(fileLock, credentials.HostId!, loops);
        }
        catch (Exception error)
        {
            docker?.Dispose();
            fileLock.Dispose();
            if (error is EnrollmentException unable)
            {
                throw new HostAgentStartException(unable.Message, unable) { IsRefused = unable.IsRefused };
            }

            if (error is IOException or UnauthorizedAccessException)
            {
                throw new HostAgentStartException(
                    $"cannot start the host agent in \"{options.DataDirectory}\": {error.Message}", error);
            }

            throw;
        }
    }

    /// <summary>
    /// Stops cleanly: running commands are finished or cut into reports, the loops end, the server is told goodbye.
    /// Everything the server has not got yet is on disk and goes out at the next start.
    /// </summary>
    public Task StopAsync(CancellationToken cancellationToken) =>
        _loops?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_loops is not null)
        {
            await _loops.DisposeAsync();
        }

        _lock.Dispose();
    }

    /// <summary>A source of chance of its own for each loop: one is not safe to share.</summary>
    internal static Random NewRandom() => new(RandomNumberGenerator.GetInt32(int.MaxValue));

    private static FileLock TakeDataDirectory(AgentPaths paths)
    {
        try
        {
            OwnedDirectory.Ensure(paths.DataDirectory);
            OwnedDirectory.Ensure(paths.Own);
            return FileLock.Acquire(paths.Lock);
        }
        catch (FileLockedException error)
        {
            var holder = error.HolderPid is { } pid ? $"process {pid}" : "another process";
            throw new HostAgentStartException(
                $"cannot start a second host agent on \"{paths.DataDirectory}\": {holder} runs one there; stop it or "
                    + "choose another data directory",
                error);
        }
        catch (IOException error)
        {
            throw new HostAgentStartException(error.Message, error);
        }
    }

    private static DockerEndpoint Endpoint(string address)
    {
        try
        {
            return DockerEndpoint.Parse(address);
        }
        catch (DockerConfigurationException error)
        {
            throw new HostAgentStartException(
                $"cannot use host_agent.docker_host \"{address}\": {error.Message}", error);
        }
    }
}
