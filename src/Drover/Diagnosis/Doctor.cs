using System.Runtime.CompilerServices;
using Drover.Configuration;
using Drover.Runtime.Configuration;
using Drover.Runtime.Docker;
using Drover.Runtime.Files;
using Drover.Runtime.Storage;
using Drover.Terminal;
using Drover.Wire.Agents;
using Drover.Wire.Client;
using Drover.Wire.People;
using Directories = Drover.Runtime.Configuration.DataDirectory;

namespace Drover.Diagnosis;

/// <summary>
/// Looks at everything a set-up of this machine needs, in the order in which one thing needs the other. Changes
/// nothing and starts nothing; every check is bounded in time.
/// </summary>
internal sealed class Doctor(EnvironmentVariables environment, TimeProvider time, string? configFile)
{
    private const long LowSpace = 1L << 30;
    private const long NoSpace = 100L << 20;
    private const long NoticeableSkewMs = 5_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async IAsyncEnumerable<Finding> ExamineAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var settings = Configuration(findings);
        foreach (var finding in findings)
        {
            yield return finding;
        }

        if (settings is null)
        {
            yield return Sqlite();
            yield break;
        }

        yield return DataDirectory(settings.DataDirectory);
        if (Directory.Exists(settings.DataDirectory))
        {
            yield return DiskSpace(settings.DataDirectory);
        }

        yield return Sqlite();
        yield return await DockerAsync(settings.DockerHost, cancellationToken).ConfigureAwait(false);
        await foreach (var finding in ServerAsync(settings, cancellationToken).ConfigureAwait(false))
        {
            yield return finding;
        }
    }

    /// <summary>What holds as far as it can be read, so that one bad key does not hide what else is wrong.</summary>
    private Settings? Configuration(List<Finding> findings)
    {
        const string Check = "configuration";
        try
        {
            var document = ConfigDocument.Empty();
            try
            {
                document = Settings.Read(configFile, environment);
                findings.AddRange(document.Problems.Select(problem => Finding.Fail(
                    Check, $"{document.Path}:{problem}", null)));
            }
            catch (ConfigurationException error)
            {
                findings.Add(Finding.Fail(Check, error.Message, error.Hint));
            }

            var settings = Settings.DespiteProblems(document, environment);
            if (findings.Count == 0)
            {
                findings.Add(Finding.Ok(Check, document.Path ?? "no drover.yaml: everything has its default"));
            }

            return settings;
        }
        catch (ConfigurationException error)
        {
            findings.Add(Finding.Fail(Check, error.Message, error.Hint));
            return null;
        }
    }

    private static Finding DataDirectory(string path)
    {
        if (!Directory.Exists(path))
        {
            return Finding.Warn("data directory", $"{path} is not there yet", "`drover up` makes it");
        }

        try
        {
            OwnedDirectory.Ensure(path);
            var open =
                File.GetUnixFileMode(path)
                & (UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
            return open == 0
                ? Finding.Ok("data directory", path)
                : Finding.Warn("data directory", $"{path} is open to other users", $"chmod 700 {path}");
        }
        catch (DirectoryUnusableException) when (Directories.EffectiveUser == 0)
        {
            return Finding.Ok("data directory", $"{path} (of another user; root may look)");
        }
        catch (DirectoryUnusableException error)
        {
            return Finding.Fail(
                "data directory", error.Message, $"choose another with {EnvironmentVariables.DataDirectory}");
        }
    }

    private static Finding DiskSpace(string path)
    {
        try
        {
            var free = new DriveInfo(path).AvailableFreeSpace;
            var detail = $"{free >> 20} MiB free at {path}";
            return free switch
            {
                < NoSpace => Finding.Fail(
                    "disk space", detail, "make room: the server stops accepting commands when it cannot write"),
                < LowSpace => Finding.Warn("disk space", detail, "make room before it runs out"),
                _ => Finding.Ok("disk space", detail),
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Finding.Warn("disk space", $"cannot be read: {error.Message}", null);
        }
    }

    private static Finding Sqlite()
    {
        try
        {
            var library = SqliteLibrary.Load();
            return library.StartsWith("libsqlite3", StringComparison.Ordinal)
                ? Finding.Ok("sqlite", library)
                : Finding.Warn(
                    "sqlite",
                    $"{library}, the copy that ships with drover",
                    "install the package libsqlite3-0 to have the distribution's security fixes");
        }
        catch (StorageException error)
        {
            return Finding.Fail("sqlite", error.Message, "apt-get install libsqlite3-0");
        }
    }

    private async Task<Finding> DockerAsync(string address, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var docker = new DockerClient(DockerEndpoint.Parse(address), time);
            var version = await docker.System.VersionAsync(either.Token).ConfigureAwait(false);
            var containers = await docker.Containers.ListAsync(either.Token).ConfigureAwait(false);
            var running = containers.Count(one => one.State == "running");
            return Finding.Ok(
                "docker",
                $"{address}: version {version.Version}, API {version.ApiVersion}, {containers.Count} containers, "
                    + $"{running} running");
        }
        catch (DockerException error)
        {
            return Finding.Fail("docker", error.Message, DockerAdvice(address));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Finding.Fail(
                "docker",
                $"{address} does not answer within {Patience.TotalSeconds:0} s",
                "look at its log: journalctl -u docker");
        }
    }

    private static string DockerAdvice(string address)
    {
        const string UnixScheme = "unix://";
        if (!address.StartsWith(UnixScheme, StringComparison.Ordinal))
        {
            return "check host_agent.docker_host and DOCKER_HOST";
        }

        return File.Exists(address[UnixScheme.Length..])
            ? "run drover as root or as a member of the group docker, and see that the engine runs: systemctl status "
                + "docker"
            : "install and start a Docker Engine: apt-get install docker.io && systemctl start docker; or set "
                + "DOCKER_HOST";
    }

    private async IAsyncEnumerable<Finding> ServerAsync(
        Settings settings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Finding server;
        IReadOnlyList<HostDto> hosts = [];
        try
        {
            using var link = ServerLink.Open(() => settings, environment, time);
            var who = await link.Client.WhoAmIAsync(cancellationToken).ConfigureAwait(false);
            server = who.ServerVersion.Split('+')[0] == ProductVersion.Number
                ? Finding.Ok(
                    "server",
                    $"{link.Description} answers: version {who.ServerVersion}, you are {who.Name} ({who.Role}, by "
                        + $"{who.Via})")
                : Finding.Warn(
                    "server",
                    $"{link.Description} has version {who.ServerVersion} and this is {ProductVersion.Number}",
                    "restart it with the same executable");
            hosts = await link.Client.ListHostsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ConfigurationException error)
        {
            server = Finding.Fail("server", error.Message, error.Hint);
        }
        catch (ServerUnreachableException error)
        {
            server =
                Finding.Fail("server", error.Message, CommandLine.Hint(error) ?? "see whether it runs, and its log");
        }
        catch (ServerProblemException error)
        {
            server = Finding.Fail("server", error.Message, ProblemAdvice.Of(error).Hint);
        }

        yield return server;
        if (server.Status == FindingStatus.Fail)
        {
            yield break;
        }

        if (hosts.Count == 0)
        {
            yield return Finding.Fail(
                "hosts",
                "none has enrolled",
                "`drover up` enrolls this machine; `drover token create` lets another one join");
        }

        foreach (var host in hosts.OrderBy(host => host.Name, StringComparer.Ordinal))
        {
            yield return Host(host);
            if (Math.Abs(host.ClockSkewMs ?? 0) >= NoticeableSkewMs)
            {
                yield return Finding.Warn(
                    "clock",
                    $"{host.Name} is {TimeText.Took(TimeSpan.FromMilliseconds(Math.Abs(host.ClockSkewMs!.Value)))} off "
                        + "the server's clock",
                    "let both keep time by NTP: timedatectl set-ntp true");
            }
        }
    }

    private Finding Host(HostDto host)
    {
        var seen = host.LastSeenAt is { } last ? $", seen {TimeText.Age(last, time.GetUtcNow())} ago" : "";
        var detail = $"{host.Name} is {host.State}{seen}";
        if (host.Kind != AgentKinds.HostAgent)
        {
            return Role(host, detail);
        }

        detail += $": {host.Containers} containers, {host.Running} running, {host.Unhealthy} unhealthy";
        return host.State switch
        {
            "live" => host.Unhealthy == 0
                ? Finding.Ok("host", detail)
                : Finding.Warn("host", detail, "`drover ps` shows which"),
            "late" => Finding.Warn("host", detail, "its next heartbeat is overdue; look again in a minute"),
            "goodbye" => Finding.Warn("host", detail, "its agent was stopped; start it again on that machine"),
            "docker_down" => Finding.Fail(
                "host", $"{detail} ({host.Reason})", "start the Docker Engine on that machine: systemctl start docker"),
            _ => Finding.Fail(
                "host",
                $"{detail} ({host.Reason})",
                "see whether the machine and its host agent run and reach the server"),
        };
    }

    private static Finding Role(HostDto host, string detail)
    {
        var word = host.Kind.Replace('_', ' ');
        return host.State switch
        {
            "live" => Finding.Ok(word, detail),
            "late" => Finding.Warn(word, detail, "its next heartbeat is overdue; look again in a minute"),
            "goodbye" => Finding.Warn(word, detail, "it was stopped; start it again on that machine"),
            _ => Finding.Fail(
                word,
                $"{detail} ({host.Reason})",
                $"see whether the {word} runs on that machine and reaches the server"),
        };
    }
}
