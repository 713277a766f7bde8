using System.Text.RegularExpressions;
using Drover.Core.Backoff;
using Drover.Core.Components;
using Drover.Runtime.Configuration;
using Drover.Supervisor.Documents;

namespace Drover.Configuration;

internal static partial class DroverYaml
{
    /// <summary>What must be true of one other component.</summary>
    public static class Dependency
    {
        public static readonly IReadOnlyList<string> Conditions = ["started", "ready", "completed"];

        public static readonly ConfigSection Section =
            ConfigSection.Template("supervisor.components.NAME.depends_on.COMPONENT", "What one dependency must be.");

        public static readonly ConfigKey<string> Condition = Section.Key(
            "condition",
            ConfigTypes.OneOf(Conditions),
            "ready",
            "`started`: an instance runs. `ready`: its startup and readiness probes have succeeded. `completed`: it "
                + "exited with code 0.");

        public static readonly ConfigKey<bool> Restart = Section.Key(
            "restart",
            ConfigTypes.Switch,
            false,
            "Restart this component whenever that one has been started again.");
    }

    /// <summary>When a component is started again.</summary>
    public static class RestartKeys
    {
        public static readonly IReadOnlyList<string> Modes = ["always", "on-failure", "never"];

        private static readonly RestartPolicy Defaults = new();

        public static readonly ConfigSection Section = ConfigSection.Template(
            "supervisor.components.NAME.restart",
            "When a component is started again. `drover supervisor explain` prints the timeline that follows, and "
                + "which limits can never be reached.");

        public static readonly ConfigKey<string> Mode = Section.Key(
            "mode",
            ConfigTypes.OneOf(Modes),
            "always",
            "After which ends: all, all but exit code 0, none.");

        public static readonly ConfigKey<TimeSpan> MinUptime = Section.Optional(
            "min_uptime",
            ConfigTypes.Duration(TimeSpan.Zero, Day),
            "As min_uptime of the component; written in one of both places.",
            "that of the component");

        public static readonly ConfigKey<int> Limit = Section.Key(
            "limit", ConfigTypes.Whole(1, 10_000), Defaults.Limit, "The most restarts within the window.");

        public static readonly ConfigKey<TimeSpan> Window = Section.Key(
            "window",
            ConfigTypes.Duration(TimeSpan.FromMilliseconds(1), 7 * Day),
            Defaults.Window,
            "The stretch of time over which restarts are counted; it slides. Beyond the limit the component is "
                + "`failed`.");

        public static readonly ConfigKey<TimeSpan> RetryAfter = Section.Key(
            "retry_after",
            ConfigTypes.Duration(TimeSpan.Zero, 7 * Day),
            Defaults.RetryAfter,
            "How long after it failed one more try is made; 0 for never. The try counts as a restart: while the limit "
                + "leaves no room for one, it waits.");

        public static readonly ConfigKey<ConfigEntry> Backoff = Section.Optional(
            "backoff",
            new SectionType(BackoffKeys.Section),
            "The delays after runs that were not good.",
            "1s 2s 4s 8s 16s 32s, then 60s");
    }

    /// <summary>The delays between restarts.</summary>
    public static class BackoffKeys
    {
        public static readonly ConfigSection Section = ConfigSection.Template(
            "supervisor.components.NAME.restart.backoff", "The delays after runs shorter than min_uptime.");

        public static readonly ConfigKey<TimeSpan> Initial = Section.Key(
            "initial",
            ConfigTypes.Duration(TimeSpan.FromMilliseconds(1), Day),
            BackoffPolicy.Default.Initial,
            "The first delay.");

        public static readonly ConfigKey<double> Factor = Section.Key(
            "factor", ConfigTypes.Number(1, 100), BackoffPolicy.Default.Factor, "What each delay is multiplied with.");

        public static readonly ConfigKey<TimeSpan> Cap = Section.Key(
            "cap",
            ConfigTypes.Duration(TimeSpan.FromMilliseconds(1), Day),
            BackoffPolicy.Default.Cap,
            "The longest delay.");

        public static readonly ConfigKey<double> Jitter = Section.Key(
            "jitter",
            ConfigTypes.Number(0, 0.9),
            BackoffPolicy.Default.Jitter,
            "The largest part of a delay by which it is moved, either way.");
    }

    /// <summary>How a component is ended.</summary>
    public static class StopKeys
    {
        public static readonly ConfigSection Section = ConfigSection.Template(
            "supervisor.components.NAME.stop",
            "How a component is ended: a signal to all its processes, some grace, then SIGKILL until none is left.");

        public static readonly ConfigKey<string> Signal = Section.Key(
            "signal",
            ConfigTypes.OneOf(["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGKILL"]),
            StopPolicy.Default.Signal,
            "What asks it to end.");

        public static readonly ConfigKey<TimeSpan> Grace = Section.Key(
            "grace",
            ConfigTypes.Duration(TimeSpan.Zero, Day),
            StopPolicy.Default.Grace,
            "How long it may take before it is killed.");
    }

    /// <summary>How much output is kept.</summary>
    public static class LogKeys
    {
        private static readonly LogDocument Defaults = new();

        public static readonly ConfigSection Section = ConfigSection.Template(
            "supervisor.components.NAME.log",
            "How much of a component's output is kept. Standard output and error go to one file, which is rotated "
                + "while it is written, without a lost line.");

        public static readonly ConfigKey<long> MaxSize = Section.Key(
            "max_size",
            ConfigTypes.Size(64 << 10, 64L << 30),
            Defaults.MaxBytes,
            "The file becomes an archive when it holds so much.");

        public static readonly ConfigKey<TimeSpan> MaxAge = Section.Key(
            "max_age",
            ConfigTypes.Duration(TimeSpan.FromMinutes(1), 365 * Day),
            Defaults.MaxAge,
            "It becomes one, too, when its oldest line is so old.");

        public static readonly ConfigKey<int> Keep =
            Section.Key("keep", ConfigTypes.Whole(0, 1000), Defaults.Keep, "So many archives are kept at most.");

        public static readonly ConfigKey<TimeSpan> KeepFor = Section.Key(
            "keep_for",
            ConfigTypes.Duration(TimeSpan.FromMinutes(1), 10 * Year),
            Defaults.KeepFor,
            "No archive is kept longer.");
    }

    /// <summary>What a process may use.</summary>
    public static class LimitKeys
    {
        private const long Most = long.MaxValue / 2;

        public static readonly ConfigSection Section = ConfigSection.Template(
            "supervisor.components.NAME.limits",
            "What a process may use at most, as `ulimit` sets it for each process of the component.");

        public static readonly ConfigKey<int> OpenFiles = Count("open_files", "Descriptors (RLIMIT_NOFILE).");

        public static readonly ConfigKey<int> Processes =
            Count("processes", "Processes and threads of its user (RLIMIT_NPROC).");

        public static readonly ConfigKey<long> Memory = Bytes("memory", "Address space (RLIMIT_AS).");

        public static readonly ConfigKey<long> Core = Bytes("core", "Core dumps; `0B` for none (RLIMIT_CORE).");

        public static readonly ConfigKey<long> FileSize = Bytes("file_size", "A file it writes (RLIMIT_FSIZE).");

        public static readonly ConfigKey<long> Stack = Bytes("stack", "The stack of a thread (RLIMIT_STACK).");

        public static readonly ConfigKey<long> LockedMemory =
            Bytes("locked_memory", "Memory kept from being paged out (RLIMIT_MEMLOCK).");

        private static ConfigKey<int> Count(string name, string meaning) =>
            Section.Optional(name, ConfigTypes.Whole(1, 1 << 30), meaning);

        private static ConfigKey<long> Bytes(string name, string meaning) =>
            Section.Optional(name, ConfigTypes.Size(0, Most), meaning);
    }

    /// <summary>What a container is made of.</summary>
    public static partial class ContainerKeys
    {
        public static readonly ConfigSection Section = ConfigSection.Template(
            "supervisor.components.NAME.container",
            "What a container is made of. `env`, `env_file`, `user` and `working_directory` stand beside it.");

        public static readonly ConfigKey<string> Image = Section.Required(
            "image", ConfigTypes.TextOf("text", CheckWord), "The image, with its tag or digest.");

        public static readonly ConfigKey<string> Name = Section.Optional(
            "name", ConfigTypes.TextOf("text", CheckContainerName), "The container's name.", "that of the component");

        public static readonly ConfigKey<string> Network = Section.Optional(
            "network",
            ConfigTypes.TextOf("text", CheckWord),
            "Network it joins; `host` for this machine's own.",
            "the engine's default");

        public static readonly ConfigKey<IReadOnlyList<string>> Command = Section.Optional(
            "command", ConfigTypes.Command, "In the place of the image's own command.", "the image's");

        public static readonly ConfigKey<IReadOnlyList<ConfigNamed<SecretSource>>> Secrets = Section.Optional(
            "secrets",
            new NamedType<SecretSource>(
                ConfigTypes.SecretSource,
                new NameRule(
                    "SECRET",
                    "^[A-Za-z0-9_.-]+$",
                    name => SecretName().IsMatch(name) ? null : "is no name for a secret; take a-z, 0-9, _ . -")),
            "Secrets, each a file `/run/secrets/SECRET` in the container, read anew at each start. Never an argument "
                + "and never seen by `docker inspect`.");

        public static readonly ConfigKey<IReadOnlyList<string>> Ports = Section.Optional(
            "ports",
            ConfigTypes.Texts("[address:]port:port[/udp]", CheckPort),
            "Published ports: `127.0.0.1:8080:80`.");

        public static readonly ConfigKey<IReadOnlyList<string>> Volumes = Section.Optional(
            "volumes",
            ConfigTypes.Texts("source:/path[:ro]", CheckVolume),
            "Mounts: a volume's name or a path of this machine, and the path in the container.");

        public static readonly ConfigKey<string> Pull = Section.Key(
            "pull",
            ConfigTypes.OneOf(["missing", "always", "never"]),
            "missing",
            "When the image is fetched before a start.");

        [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,126}$", RegexOptions.CultureInvariant)]
        private static partial Regex SecretName();

        // What the engine takes (docker: RestrictedNamePattern).
        [GeneratedRegex("^[a-zA-Z0-9][a-zA-Z0-9_.-]+$", RegexOptions.CultureInvariant)]
        private static partial Regex ContainerName();

        [GeneratedRegex(@"^((\[[0-9a-fA-F:]+\]|[0-9.]+):)?[0-9]{1,5}:[0-9]{1,5}(/(tcp|udp))?$")]
        private static partial Regex Port();

        private static string? CheckWord(string text) =>
            text.Length == 0 || text.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter))
                ? $"takes one word, not \"{text}\""
                : null;

        private static string? CheckContainerName(string text) =>
            ContainerName().IsMatch(text) ? null : $"takes two or more of letters, digits, _ . and -, not \"{text}\"";

        private static string? CheckPort(string text) =>
            Port().IsMatch(text) ? null : $"takes [address:]port:port such as 127.0.0.1:8080:80, not \"{text}\"";

        private static string? CheckVolume(string text)
        {
            var parts = text.Split(':');
            return parts.Length is 2 or 3 && parts[0].Length > 0 && parts[1].StartsWith('/')
                && (parts.Length == 2 || parts[2] is "ro" or "rw")
                    ? null
                    : $"takes source:/path or source:/path:ro, not \"{text}\"";
        }
    }
}
