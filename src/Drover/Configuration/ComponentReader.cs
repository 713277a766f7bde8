using Drover.Core.Backoff;
using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Configuration;
using Drover.Runtime.Probing;
using Drover.Supervisor.Documents;
using Keys = Drover.Configuration.DroverYaml.Component;

namespace Drover.Configuration;

/// <summary>
/// Makes one component's document of its section. Every value is readable by now; what is checked here is what they
/// mean together. Problems stand where the value stands.
/// </summary>
internal sealed class ComponentReader(ConfigDocument document, string directory, string name, ConfigEntry entry)
{
    // What each kind has no use for: a key that is written and does nothing would deceive whoever wrote it.
    private static readonly ConfigKey[] NotForExternal =
    [
        Keys.Startup, Keys.Liveness, Keys.Restart, Keys.MinUptime, Keys.Stop, Keys.Env, Keys.EnvFile,
        Keys.WorkingDirectory, Keys.User, Keys.Limits, Keys.Log,
    ];

    private static readonly ConfigKey[] NotForContainer = [Keys.Limits, Keys.Log];

    private bool IsExternal => entry.Has(Keys.External);

    private bool IsContainer => entry.Has(Keys.Container);

    /// <summary>The document; means something only while the file has no problems.</summary>
    public ComponentDocument Read()
    {
        CheckKind();
        var launch = new LaunchReader(document, directory, name, entry).Read();
        var probes = new ProbeReader(document, entry, (launch as ProcessLaunch)?.WorkingDirectory ?? directory);
        var startup = probes.Read(Keys.Startup, ProbeKind.Startup);
        var liveness = probes.Read(Keys.Liveness, ProbeKind.Liveness);
        var readiness = probes.Read(Keys.Readiness, ProbeKind.Readiness) ?? OfAddress();
        var spec = new ComponentSpec
        {
            Ownership = IsExternal ? Ownership.Watched : Ownership.Owned,
            Restart = ReadRestart(),
            Stop = ReadStop(),
            Health = new HealthSpec(startup?.Spec, liveness?.Spec, readiness?.Spec),
        };
        if (!IsExternal && spec.Restart.Fault() is { } fault)
        {
            document.Refuse(entry.PlaceOf(Keys.Restart), $"{entry.PathOf(Keys.Restart)}.{fault}");
        }

        var needs = entry.Get(Keys.DependsOn) ?? [];
        return new ComponentDocument
        {
            Name = name,
            DisplayName = entry.Get(Keys.DisplayName) ?? Capitalised(name),
            Spec = spec,
            Launch = launch,
            DependsOn = needs.ToDictionary(need => need.Name, need => ConditionOf(need.Value)),
            RestartsWith = needs
                .Where(need => need.Value.Get(DroverYaml.Dependency.Restart))
                .Select(need => need.Name)
                .ToHashSet(StringComparer.Ordinal),
            Startup = startup?.Target,
            Liveness = liveness?.Target,
            Readiness = readiness?.Target,
            Log = ReadLog(),
        };
    }

    /// <summary><c>agent-runner</c> becomes <c>Agent Runner</c>.</summary>
    internal static string Capitalised(string name) => string.Join(
        ' ',
        name.Split('-', '_', '.')
            .Where(word => word.Length > 0)
            .Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private void CheckKind()
    {
        var (what, useless) = IsExternal
            ? ("something external: it is watched, never started or ended", NotForExternal)
            : IsContainer ? ("a container", NotForContainer)
            : ("a process", []);
        foreach (var key in useless.Where(entry.Has))
        {
            document.Refuse(entry.PlaceOf(key), $"{entry.PathOf(key)} has no meaning for {what}");
        }
    }

    /// <summary>
    /// Without a word, what is watched is at least asked for a connection: its state is never a guess.
    /// </summary>
    private (ProbeTarget Target, ProbeSpec Spec)? OfAddress() =>
        IsExternal ? (new ProbeTarget.Tcp(entry.Get(Keys.External)!), new ProbeSpec()) : null;

    private RestartPolicy ReadRestart()
    {
        var restart = entry.Get(Keys.Restart);
        var inner = restart?.Written(DroverYaml.RestartKeys.MinUptime);
        if (inner is not null && entry.Has(Keys.MinUptime))
        {
            document.Refuse(
                entry.PlaceOf(Keys.MinUptime),
                $"{entry.PathOf(Keys.MinUptime)} is written in restart too; leave one of them");
        }

        var policy = new RestartPolicy { MinUptime = inner ?? entry.Get(Keys.MinUptime) };
        return restart is null ? policy : policy with
        {
            Mode = restart.Get(DroverYaml.RestartKeys.Mode) switch
            {
                "on-failure" => RestartMode.OnFailure,
                "never" => RestartMode.Never,
                _ => RestartMode.Always,
            },
            Limit = restart.Get(DroverYaml.RestartKeys.Limit),
            Window = restart.Get(DroverYaml.RestartKeys.Window),
            RetryAfter = restart.Get(DroverYaml.RestartKeys.RetryAfter),
            Backoff = ReadBackoff(restart.Get(DroverYaml.RestartKeys.Backoff)),
        };
    }

    private BackoffPolicy ReadBackoff(ConfigEntry? backoff)
    {
        if (backoff is null)
        {
            return BackoffPolicy.Default;
        }

        var initial = backoff.Get(DroverYaml.BackoffKeys.Initial);
        var cap = backoff.Get(DroverYaml.BackoffKeys.Cap);
        if (cap < initial)
        {
            var key = backoff.Has(DroverYaml.BackoffKeys.Cap)
                ? (ConfigKey)DroverYaml.BackoffKeys.Cap
                : DroverYaml.BackoffKeys.Initial;
            document.Refuse(
                backoff.PlaceOf(key),
                $"{backoff.PathOf(DroverYaml.BackoffKeys.Cap)} of {DurationText.Format(cap)} is shorter than initial "
                    + $"of {DurationText.Format(initial)}");
            return BackoffPolicy.Default;
        }

        return new BackoffPolicy(
            initial,
            backoff.Get(DroverYaml.BackoffKeys.Factor),
            cap,
            backoff.Get(DroverYaml.BackoffKeys.Jitter));
    }

    private StopPolicy ReadStop() => entry.Get(Keys.Stop) is { } stop
        ? new StopPolicy(stop.Get(DroverYaml.StopKeys.Signal)!, stop.Get(DroverYaml.StopKeys.Grace))
        : StopPolicy.Default;

    private LogDocument ReadLog() => entry.Get(Keys.Log) is { } log
        ? new LogDocument
        {
            MaxBytes = log.Get(DroverYaml.LogKeys.MaxSize),
            MaxAge = log.Get(DroverYaml.LogKeys.MaxAge),
            Keep = log.Get(DroverYaml.LogKeys.Keep),
            KeepFor = log.Get(DroverYaml.LogKeys.KeepFor),
        }
        : new LogDocument();

    private static DependencyCondition ConditionOf(ConfigEntry need) =>
        need.Get(DroverYaml.Dependency.Condition) switch
        {
            "started" => DependencyCondition.Started,
            "completed" => DependencyCondition.Completed,
            _ => DependencyCondition.Ready,
        };
}
