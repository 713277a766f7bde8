using System.Text.RegularExpressions;
using Drover.Core.Components;
using Drover.Runtime.Configuration;
using Drover.Supervisor.Documents;

namespace Drover.Configuration;

internal static partial class DroverYaml
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>One component of the supervisor.</summary>
    public static partial class Component
    {
        private const string NamePattern = "^[a-z0-9][a-z0-9_.-]{0,62}$";

        /// <summary>Names are those of files: of the log, of the record.</summary>
        public static readonly NameRule Names = new(
            "NAME",
            NamePattern,
            name => NameRegex().IsMatch(name)
                ? null
                : "is no name for a component; take 1 to 63 of a-z, 0-9, \"_\", \".\" and \"-\", a letter or digit "
                    + "first");

        public static readonly ConfigSection Section = ConfigSection.Template(
            "supervisor.components.NAME",
            "One component. `command`, `container` or `external` says what it is, and one of them must be there.");

        public static readonly ConfigKey<IReadOnlyList<string>> Command = Section.Optional(
            "command",
            ConfigTypes.Command,
            "Program and arguments of a process: `[./api, --port, \"7234\"]`, or a line that is cut at white space. No "
                + "shell runs it. A program with a slash counts from working_directory, one without is looked up in "
                + "PATH.");

        public static readonly ConfigKey<ConfigEntry> Container = Section.Optional(
            "container",
            new SectionType(ContainerKeys.Section, ContainerKeys.Image),
            "A container of the Docker Engine, made and removed by the supervisor. A text stands for the image.");

        public static readonly ConfigKey<Runtime.Probing.ProbeAddress> External = Section.Optional(
            "external",
            ConfigTypes.HostPort,
            "Address of something that others keep alive. It is watched, never started or ended; without a readiness "
                + "probe it is asked for a TCP connection.");

        public static readonly ConfigKey<string> DisplayName = Section.Optional(
            "display_name",
            ConfigTypes.TextOf("text", CheckDisplayName),
            "How people see it.",
            "its name with capitals");

        public static readonly ConfigKey<IReadOnlyList<ConfigNamed<ConfigEntry>>> DependsOn = Section.Optional(
            "depends_on",
            new NamedType<ConfigEntry>(
                new SectionType(Dependency.Section, Dependency.Condition), NameRule.Any("COMPONENT"))
            {
                ListValue = "ready",
            },
            "What must be true of others before this one is started. It is stopped before them. `[api]` stands for "
                + "`{api: ready}`.");

        public static readonly ConfigKey<ConfigEntry> Startup = Section.Optional(
            "startup",
            new SectionType(Probe.Section),
            "Has it finished starting? The other probes wait for it; where it fails the instance is ended. For "
                + "whatever starts slowly, in the place of a long initial_delay.");

        public static readonly ConfigKey<ConfigEntry> Liveness = Section.Optional(
            "liveness",
            new SectionType(Probe.Section),
            "Does it hang? Where it fails the instance is ended and the restart policy holds. Ask nothing that depends "
                + "on others. Exits are seen at once without any probe.");

        public static readonly ConfigKey<ConfigEntry> Readiness = Section.Optional(
            "readiness",
            new SectionType(Probe.Section),
            "Can it serve just now? Its failure shows and holds dependents back; it ends nothing.");

        public static readonly ConfigKey<ConfigEntry> Restart = Section.Optional(
            "restart",
            new SectionType(RestartKeys.Section, RestartKeys.Mode),
            "When it is started again. `always`, `on-failure` or `never` stands for that mode with the defaults.",
            "always");

        public static readonly ConfigKey<TimeSpan> MinUptime = Section.Key(
            "min_uptime",
            ConfigTypes.Duration(TimeSpan.Zero, Day),
            new RestartPolicy().MinUptime,
            "A run at least this long is a good one: the restart after it is immediate and the next delay is the first "
                + "again. The same as restart.min_uptime.");

        public static readonly ConfigKey<ConfigEntry> Stop = Section.Optional(
            "stop", new SectionType(StopKeys.Section), "How it is ended.", "SIGTERM, and SIGKILL after 10s");

        public static readonly ConfigKey<IReadOnlyList<ConfigNamed<ExpandedText>>> Env = Section.Optional(
            "env",
            new NamedType<ExpandedText>(ConfigTypes.EnvironmentValue, Variable),
            "Environment variables. `${NAME}` takes a value from the supervisor's own.");

        public static readonly ConfigKey<IReadOnlyList<string>> EnvFile = Section.Optional(
            "env_file",
            ConfigTypes.RelativePaths,
            "Files with a `NAME=value` a line, read at each start; `env` wins over them.");

        public static readonly ConfigKey<string> WorkingDirectory = Section.Optional(
            "working_directory",
            ConfigTypes.RelativePath,
            "Where it runs; for a container a directory in it.",
            "the file's own directory; the image's for a container");

        public static readonly ConfigKey<string> User = Section.Optional(
            "user",
            ConfigTypes.Text,
            "Whom it runs as: a name or a number, for a process only where the supervisor is root.",
            "the supervisor's own; the image's for a container");

        public static readonly ConfigKey<ConfigEntry> Limits = Section.Optional(
            "limits", new SectionType(LimitKeys.Section), "What a process may use at most.", "as the supervisor");

        public static readonly ConfigKey<ConfigEntry> Log = Section.Optional(
            "log",
            new SectionType(LogKeys.Section),
            "How much of a process's output is kept; that of a container is the engine's to keep.");

        static Component() => Section.ExactlyOneOf(Command, Container, External);

        private static NameRule Variable => new(
            "VARIABLE",
            "^[A-Za-z_][A-Za-z0-9_]*$",
            name => EnvironmentFile.IsName(name)
                ? null
                : "is no name for a variable; take letters, digits and \"_\", no digit first");

        [GeneratedRegex(NamePattern, RegexOptions.CultureInvariant)]
        private static partial Regex NameRegex();

        private static string? CheckDisplayName(string name) =>
            name.Length is 0 or > 100 || string.IsNullOrWhiteSpace(name) || name.Any(char.IsControl)
                ? "takes 1 to 100 characters in one line"
                : null;
    }
}
