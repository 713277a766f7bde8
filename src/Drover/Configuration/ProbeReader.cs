using Drover.Core.Health;
using Drover.Runtime.Configuration;
using Drover.Runtime.Probing;
using Keys = Drover.Configuration.DroverYaml.Probe;

namespace Drover.Configuration;

/// <summary>Makes of the probes of a component's section what they ask and how they are judged.</summary>
internal sealed class ProbeReader(ConfigDocument document, ConfigEntry component, string directory)
{
    /// <summary>The probe under that key; null where none is written.</summary>
    public (ProbeTarget Target, ProbeSpec Spec)? Read(ConfigKey<ConfigEntry> key, ProbeKind kind)
    {
        if (component.Get(key) is not { } probe)
        {
            return null;
        }

        var spec = ReadSpec(probe);
        if (spec.Fault(kind) is { } fault)
        {
            // The sentence begins with the key.
            var wrong = Keys.Section.Keys.First(one => fault.StartsWith(one.Name, StringComparison.Ordinal));
            document.Refuse(probe.PlaceOf(wrong), $"{probe.Path}.{fault}");
        }

        var (targetKey, target) = ReadTarget(probe);
        if (target is null)
        {
            document.Refuse(
                probe.PlaceOf(targetKey), $"{probe.PathOf(targetKey)} takes true; leave the probe out for none");
            target = new ProbeTarget.Process();
        }
        else if ((WhyNotForComponent(targetKey) ?? target.Fault(kind)) is { } why)
        {
            document.Refuse(probe.PlaceOf(targetKey), $"{probe.Path}: {why}");
        }

        return (target, spec);
    }

    private static ProbeSpec ReadSpec(ConfigEntry probe) => new()
    {
        InitialDelay = probe.Get(Keys.InitialDelay),
        Period = probe.Get(Keys.Period),
        Timeout = probe.Get(Keys.Timeout),
        SuccessThreshold = probe.Get(Keys.SuccessThreshold),
        FailureThreshold = probe.Get(Keys.FailureThreshold),
        StopGrace = probe.Written(Keys.StopGrace),
    };

    private (ConfigKey Key, ProbeTarget? Target) ReadTarget(ConfigEntry probe)
    {
        var key = Keys.Section.Choice!.First(probe.Has);
        ProbeTarget? target = key switch
        {
            _ when key == Keys.Process => probe.Get(Keys.Process) ? new ProbeTarget.Process() : null,
            _ when key == Keys.DockerState => probe.Get(Keys.DockerState) ? new ProbeTarget.DockerState() : null,
            _ when key == Keys.DockerHealth => probe.Get(Keys.DockerHealth) ? new ProbeTarget.DockerHealth() : null,
            _ when key == Keys.Tcp => new ProbeTarget.Tcp(probe.Get(Keys.Tcp)!),
            _ when key == Keys.Http => Http(probe.Get(Keys.Http)!),
            _ when key == Keys.Grpc => Grpc(probe.Get(Keys.Grpc)!),
            _ when key == Keys.Exec => Exec(probe.Get(Keys.Exec)!),
            _ when key == Keys.File => File(probe.Get(Keys.File)!),
            _ when key == Keys.Log => Log(probe.Get(Keys.Log)!),
            _ => Temporal(probe.Get(Keys.Temporal)!),
        };
        return (key, target);
    }

    /// <summary>What a kind needs of the component: a process of ours, a container, a log.</summary>
    private string? WhyNotForComponent(ConfigKey key)
    {
        var isExternal = component.Has(DroverYaml.Component.External);
        var isContainer = component.Has(DroverYaml.Component.Container);
        return key switch
        {
            _ when (key == Keys.DockerState || key == Keys.DockerHealth) && !isContainer =>
                $"{key.Name} is for containers",
            _ when key == Keys.Process && isContainer => "process is for processes; a container has docker_state",
            _ when (key == Keys.Process || key == Keys.Log) && isExternal =>
                $"{key.Name} is for what the supervisor starts itself",
            _ => null,
        };
    }

    private static ProbeTarget.Http Http(ConfigEntry http)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in http.Get(DroverYaml.HttpKeys.Headers) ?? [])
        {
            headers[header.Name] = header.Value.Value;
        }

        return http.Get(DroverYaml.HttpKeys.Url)! with { Headers = headers };
    }

    private static ProbeTarget.Grpc Grpc(ConfigEntry grpc) =>
        new(grpc.Get(DroverYaml.GrpcKeys.Address)!, grpc.Get(DroverYaml.GrpcKeys.Service) ?? "");

    private ProbeTarget.Exec Exec(IReadOnlyList<string> command) =>
        new(command) { WorkingDirectory = directory, User = component.Get(DroverYaml.Component.User) };

    private ProbeTarget.File File(ConfigEntry file) => new(
        Path.GetFullPath(file.Get(DroverYaml.FileKeys.Path)!, directory),
        file.Written(DroverYaml.FileKeys.YoungerThan));

    private static ProbeTarget.Log Log(ConfigEntry log) => new()
    {
        Fatal = log.Get(DroverYaml.LogProbeKeys.Fatal),
        Ready = log.Get(DroverYaml.LogProbeKeys.Ready),
    };

    private static ProbeTarget.Temporal Temporal(ConfigEntry temporal) => new(
        temporal.Get(DroverYaml.TemporalKeys.Address)!, temporal.Get(DroverYaml.TemporalKeys.TaskQueue)!)
    {
        Namespace = temporal.Get(DroverYaml.TemporalKeys.Namespace)!,
        Kind = temporal.Get(DroverYaml.TemporalKeys.TaskQueueType) == "activity"
            ? Runtime.Probing.Rpc.TaskQueueKind.Activity
            : Runtime.Probing.Rpc.TaskQueueKind.Workflow,
        MaxAge = temporal.Get(DroverYaml.TemporalKeys.MaxAge),
        Identity = temporal.Get(DroverYaml.TemporalKeys.Identity),
    };
}
