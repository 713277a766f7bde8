using Drover.Core.Health;
using Drover.Runtime.Configuration;
using Drover.Runtime.Probing;

namespace Drover.Configuration;

internal static partial class DroverYaml
{
    /// <summary>One probe of a component.</summary>
    public static class Probe
    {
        private static readonly ProbeSpec Defaults = new();

        public static readonly ConfigSection Section = ConfigSection.Template(
            "supervisor.components.NAME.PROBE",
            "A probe: `startup`, `liveness` or `readiness`. One of the first ten keys says what it asks, the others "
                + "when and how it is judged, with the meaning and the defaults of Kubernetes' fields of these names.");

        public static readonly ConfigKey<bool> Process =
            Section.Optional("process", ConfigTypes.Switch, About("process"));

        public static readonly ConfigKey<ProbeAddress> Tcp =
            Section.Optional("tcp", ConfigTypes.HostPort, About("tcp"));

        public static readonly ConfigKey<ConfigEntry> Http =
            Section.Optional("http", new SectionType(HttpKeys.Section, HttpKeys.Url), About("http"));

        public static readonly ConfigKey<ConfigEntry> Grpc =
            Section.Optional("grpc", new SectionType(GrpcKeys.Section, GrpcKeys.Address), About("grpc"));

        public static readonly ConfigKey<IReadOnlyList<string>> Exec =
            Section.Optional("exec", ConfigTypes.Command, About("exec"));

        public static readonly ConfigKey<ConfigEntry> File =
            Section.Optional("file", new SectionType(FileKeys.Section, FileKeys.Path), About("file"));

        public static readonly ConfigKey<ConfigEntry> Log =
            Section.Optional("log", new SectionType(LogProbeKeys.Section), About("log"));

        public static readonly ConfigKey<bool> DockerState =
            Section.Optional("docker_state", ConfigTypes.Switch, About("docker_state"));

        public static readonly ConfigKey<bool> DockerHealth =
            Section.Optional("docker_health", ConfigTypes.Switch, About("docker_health"));

        public static readonly ConfigKey<ConfigEntry> Temporal =
            Section.Optional("temporal", new SectionType(TemporalKeys.Section), About("temporal"));

        public static readonly ConfigKey<TimeSpan> InitialDelay = Section.Key(
            "initial_delay",
            ConfigTypes.Duration(TimeSpan.Zero, Day),
            Defaults.InitialDelay,
            "How long after the start of an instance the first probe runs.");

        public static readonly ConfigKey<TimeSpan> Period = Section.Key(
            "period", Span(), Defaults.Period, "From the start of one probe to that of the next.");

        public static readonly ConfigKey<TimeSpan> Timeout = Section.Key(
            "timeout", Span(), Defaults.Timeout, "A probe that takes longer is a failure.");

        public static readonly ConfigKey<int> SuccessThreshold = Section.Key(
            "success_threshold",
            ConfigTypes.Whole(1, 10_000),
            Defaults.SuccessThreshold,
            "So many successes in a row turn the result to success; 1 for startup and liveness.");

        public static readonly ConfigKey<int> FailureThreshold = Section.Key(
            "failure_threshold",
            ConfigTypes.Whole(1, 10_000),
            Defaults.FailureThreshold,
            "So many failures in a row turn the result to failure.");

        public static readonly ConfigKey<TimeSpan> StopGrace = Section.Optional(
            "stop_grace",
            ConfigTypes.Duration(TimeSpan.Zero, Day),
            "Grace between signal and kill when this probe ends an instance.",
            "that of the component");

        static Probe() => Section.ExactlyOneOf(
            Process, Tcp, Http, Grpc, Exec, File, Log, DockerState, DockerHealth, Temporal);

        private static ConfigType<TimeSpan> Span() => ConfigTypes.Duration(TimeSpan.FromMilliseconds(10), Day);

        private static string About(string name)
        {
            var type = ProbeTypes.All.First(one => one.Name == name);
            var only = type.Restriction.Length == 0 ? "" : $" For {type.AllowedText} only: {type.Restriction}.";
            return $"{type.Meaning} {type.WhenToUse}{only}";
        }
    }

    /// <summary>A page that is asked for.</summary>
    public static class HttpKeys
    {
        public static readonly ConfigSection Section =
            ConfigSection.Template("supervisor.components.NAME.PROBE.http", "A page that is asked for.");

        public static readonly ConfigKey<ProbeTarget.Http> Url =
            Section.Required("url", ConfigTypes.Page, "Its address: `http://127.0.0.1:8080/healthz`.");

        public static readonly ConfigKey<IReadOnlyList<ConfigNamed<ExpandedText>>> Headers = Section.Optional(
            "headers",
            new NamedType<ExpandedText>(ConfigTypes.EnvironmentValue, NameRule.Any("HEADER")),
            "Headers that are sent along; `Host` takes the place of the address.");
    }

    /// <summary>A gRPC server that is asked.</summary>
    public static class GrpcKeys
    {
        public static readonly ConfigSection Section =
            ConfigSection.Template("supervisor.components.NAME.PROBE.grpc", "A gRPC server that is asked.");

        public static readonly ConfigKey<ProbeAddress> Address =
            Section.Required("address", ConfigTypes.HostPort, "Where it is.");

        public static readonly ConfigKey<string> Service = Section.Optional(
            "service", ConfigTypes.Text, "Which service of it.", "the server as a whole");
    }

    /// <summary>A file that is looked at.</summary>
    public static class FileKeys
    {
        public static readonly ConfigSection Section =
            ConfigSection.Template("supervisor.components.NAME.PROBE.file", "A file that is looked at.");

        public static readonly ConfigKey<string> Path = Section.Required(
            "path", ConfigTypes.RelativePath, "Where it is; a relative path counts from working_directory.");

        public static readonly ConfigKey<TimeSpan> YoungerThan = Section.Optional(
            "younger_than",
            ConfigTypes.Duration(TimeSpan.FromMilliseconds(1), 365 * Day),
            "The longest time since it was written last.",
            "it must only be there");
    }

    /// <summary>What is looked for in the component's own log.</summary>
    public static class LogProbeKeys
    {
        public static readonly ConfigSection Section = ConfigSection.Template(
            "supervisor.components.NAME.PROBE.log",
            "What is looked for in the component's own log; at least one of them.");

        public static readonly ConfigKey<string> Fatal = Section.Optional(
            "fatal", ConfigTypes.Text, "Regular expression: a line that matches fails the instance for good.");

        public static readonly ConfigKey<string> Ready = Section.Optional(
            "ready", ConfigTypes.Text, "Regular expression: until a line matches, the probe fails.");
    }

    /// <summary>A Temporal server that is asked for the component's worker.</summary>
    public static class TemporalKeys
    {
        public static readonly ConfigSection Section = ConfigSection.Template(
            "supervisor.components.NAME.PROBE.temporal", "A Temporal server that is asked for the component's worker.");

        public static readonly ConfigKey<ProbeAddress> Address =
            Section.Required("address", ConfigTypes.HostPort, "Its frontend, usually on port 7233.");

        public static readonly ConfigKey<string> TaskQueue =
            Section.Required("task_queue", ConfigTypes.Text, "The task queue it works for.");

        public static readonly ConfigKey<string> Namespace =
            Section.Key("namespace", ConfigTypes.Text, "default", "Temporal's namespace.");

        public static readonly ConfigKey<string> TaskQueueType = Section.Key(
            "task_queue_type",
            ConfigTypes.OneOf(["workflow", "activity"]),
            "workflow",
            "Which of the workers of that task queue.");

        public static readonly ConfigKey<TimeSpan> MaxAge = Section.Key(
            "max_age",
            ConfigTypes.Duration(TimeSpan.FromSeconds(1), Day),
            ProbeTarget.Temporal.LeastMaxAge,
            "How long ago it may have begun to ask last; an idle worker asks once a minute.");

        public static readonly ConfigKey<string> Identity = Section.Optional(
            "identity",
            ConfigTypes.Text,
            "Regular expression for the worker's identity.",
            "PID and host of the instance");
    }
}
