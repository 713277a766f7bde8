using System.Text.RegularExpressions;
using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Routing;
using Drover.Runtime.Configuration;

namespace Drover.Configuration;

internal static partial class DroverYaml
{
    /// <summary>One agent of the gateway.</summary>
    public static partial class GatewayAgent
    {
        private const string NamePattern = "^[a-z0-9][a-z0-9_-]{0,62}$";

        private static readonly AgentDocument Defaults = new()
        {
            Name = "defaults",
            Hostnames = [],
            Target = new AgentTarget.Service("defaults", 1),
            Policy = AgentPolicy.OnDemand,
        };

        /// <summary>Names are labels of metrics and parts of paths.</summary>
        public static readonly NameRule Names = new(
            "NAME",
            NamePattern,
            name => NameRegex().IsMatch(name)
                ? null
                : "is no name for an agent; take 1 to 63 of a-z, 0-9, \"_\" and \"-\", a letter or digit first");

        public static readonly ConfigSection Section = ConfigSection.Template(
            "gateway.agents.NAME",
            "One agent. `service` or `address` says where it is, and one of them must be there.");

        public static readonly ConfigKey<IReadOnlyList<string>> Hostnames = Section.Required(
            "hostnames",
            ConfigTypes.Texts("hostname", text => HostPattern.TryParse(text, out _)),
            "The names it answers to, without port. `*.preview.example.org` stands for all names below that one that "
                + "nobody else has; the agent may register them too.");

        public static readonly ConfigKey<string> Policy = Section.Required(
            "policy",
            ConfigTypes.OneOf(["unmanaged", "always_on", "on_demand"]),
            "`on_demand` wakes it when somebody asks and puts it to sleep when nobody does. `always_on` watches its "
                + "health for routing and events; Swarm alone starts and restarts it. `unmanaged` only forwards");

        public static readonly ConfigKey<string> Service = Section.Optional(
            "service", ConfigTypes.Text, "The Swarm service whose tasks it is. Needs `port`.");

        public static readonly ConfigKey<int> Port = Section.Optional(
            "port", ConfigTypes.Whole(1, 65_535), "The port its tasks listen on; it need not be published.");

        public static readonly ConfigKey<Uri> Address = Section.Optional(
            "address",
            ConfigTypes.Address,
            "Where it is in the place of a service: http or https, host and port. For `unmanaged` only.");

        public static readonly ConfigKey<string> Protocol = Section.Key(
            "protocol",
            ConfigTypes.OneOf(["auto", "http1", "http2"]),
            "auto",
            "What is spoken to it. `auto` is HTTP/2 for gRPC, HTTP/1.1 for everything else.");

        public static readonly ConfigKey<ConfigEntry> Health = Section.Optional(
            "health",
            new SectionType(HealthKeys.Section, HealthKeys.Path),
            "How it is asked whether it serves. A text stands for the path.",
            "a TCP connection is enough");

        public static readonly ConfigKey<string> StatusPath = Section.Key(
            "status_path",
            ConfigTypes.TextOf("path", CheckPath),
            Defaults.StatusPath,
            "Where the gateway itself answers on the agent's hostnames: 200 when the agent is ready, else 503, with "
                + "its state. Asking there neither wakes nor keeps awake.");

        public static readonly ConfigKey<TimeSpan> StartupTimeout = Section.Key(
            "startup_timeout",
            ConfigTypes.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            Defaults.StartupTimeout,
            "A wake that takes longer has failed.");

        public static readonly ConfigKey<ConfigEntry> Idle = Section.Optional(
            "idle",
            new SectionType(IdleKeys.Section, IdleKeys.Timeout),
            "When it is put to sleep, and how. A duration stands for the timeout.");

        public static readonly ConfigKey<TimeSpan> Doze = Section.Optional(
            "doze",
            ConfigTypes.Duration(TimeSpan.FromSeconds(1), 365 * Day),
            "How long nobody used it before its task is frozen where it is; it wakes within milliseconds. Shorter than "
                + "idle.timeout, after which it is stopped.",
            "never");

        public static readonly ConfigKey<ConfigEntry> Hold = Section.Optional(
            "hold",
            new SectionType(HoldKeys.Section, HoldKeys.Wait),
            "Which requests wait for a wake in the place of 503. A duration stands for wait. Browsers get a page that "
                + "waits, WebSockets wait always.");

        public static readonly ConfigKey<ConfigEntry> Quiet = Section.Optional(
            "quiet",
            new SectionType(QuietKeys.Section),
            "Which requests neither wake it nor keep it awake: of monitors, of browsers for their icon.");

        public static readonly ConfigKey<bool> Pinned = Section.Key(
            "pinned", ConfigTypes.Switch, false, "It is never put to sleep to make room for another.");

        public static readonly ConfigKey<long> Memory = Section.Optional(
            "memory",
            ConfigTypes.Size(1 << 20, 1L << 50),
            "What it takes of gateway.capacity.memory.",
            "the limit of its service");

        public static readonly ConfigKey<long> MaxBody = Section.Optional(
            "max_body", ConfigTypes.Size(0, 1L << 50), "The largest body of a request. Beyond it: 413.", "any");

        public static readonly ConfigKey<SecretSource> RegistrationToken = Section.Optional(
            "registration_token",
            ConfigTypes.SecretSource,
            "The token by which it registers hostnames within its wildcards at the admin listener, and which opens "
                + "nothing else there.",
            "it registers none");

        public static readonly ConfigKey<ConfigEntry> Timeouts = Section.Optional(
            "timeouts", new SectionType(TimeoutKeys.Section), "How long forwarding to it may take. 0 is no limit.");

        static GatewayAgent() => Section.ExactlyOneOf(Service, Address);

        private static string? CheckPath(string text) =>
            text.StartsWith('/') && !text.AsSpan().ContainsAny('?', '#', ' ')
                ? null
                : $"\"{text}\" is not a path; write one that begins with / and has no query";

        [GeneratedRegex(NamePattern, RegexOptions.CultureInvariant)]
        private static partial Regex NameRegex();

        /// <summary>How an agent is asked whether it serves.</summary>
        public static class HealthKeys
        {
            public static readonly ConfigSection Section = ConfigSection.Template(
                "gateway.agents.NAME.health", "How it is asked whether it serves.");

            public static readonly ConfigKey<string> Path = Section.Optional(
                "path",
                ConfigTypes.TextOf("path", CheckPath),
                "The path that answers 2xx or 3xx when it does.",
                "a TCP connection is enough");

            public static readonly ConfigKey<int> Port = Section.Optional(
                "port", ConfigTypes.Whole(1, 65_535), "The port that is asked.", "the agent's own");

            public static readonly ConfigKey<TimeSpan> Period = Section.Key(
                "period",
                ConfigTypes.Duration(TimeSpan.FromMilliseconds(100), Day),
                Defaults.Health.Period,
                "How often, once it serves. A wake does not wait for it.");

            public static readonly ConfigKey<TimeSpan> Timeout = Section.Key(
                "timeout",
                ConfigTypes.Duration(TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
                Defaults.Health.Timeout,
                "How long an answer may take.");

            public static readonly ConfigKey<int> FailureThreshold = Section.Key(
                "failure_threshold",
                ConfigTypes.Whole(1, 1_000),
                Defaults.Health.FailureThreshold,
                "How many failures in a row make it degraded.");
        }

        /// <summary>When an agent is put to sleep, and how.</summary>
        public static class IdleKeys
        {
            public static readonly ConfigSection Section = ConfigSection.Template(
                "gateway.agents.NAME.idle", "When it is put to sleep, and how.");

            public static readonly ConfigKey<TimeSpan> Timeout = Section.Key(
                "timeout",
                ConfigTypes.Duration(TimeSpan.FromSeconds(1), 365 * Day),
                Defaults.Idle.Timeout,
                "How long nobody used it, over all its hostnames.");

            public static readonly ConfigKey<TimeSpan> DrainTimeout = Section.Key(
                "drain_timeout",
                ConfigTypes.Duration(TimeSpan.Zero, Day),
                Defaults.Idle.DrainTimeout,
                "How long open work may go on once new work is turned away; then WebSockets are closed with 1001.");

            public static readonly ConfigKey<string> WebSockets = Section.Key(
                "websockets",
                ConfigTypes.OneOf(["messages", "open"]),
                "messages",
                "What of a WebSocket keeps it awake: the messages on it, or that it is open. Pings never do.");
        }

        /// <summary>Which requests wait for a wake.</summary>
        public static class HoldKeys
        {
            public static readonly ConfigSection Section = ConfigSection.Template(
                "gateway.agents.NAME.hold", "Which requests wait for a wake in the place of 503.");

            public static readonly ConfigKey<TimeSpan> Wait = Section.Key(
                "wait",
                ConfigTypes.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(10)),
                Defaults.Hold.Wait,
                "How long a request waits that does not say `Prefer: wait=SECONDS`.");

            public static readonly ConfigKey<TimeSpan> Most = Section.Key(
                "most",
                ConfigTypes.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(10)),
                Defaults.Hold.Most,
                "The most that `Prefer: wait=SECONDS` gets.");

            public static readonly ConfigKey<int> Requests = Section.Key(
                "requests",
                ConfigTypes.Whole(1, 1_000_000),
                Defaults.Hold.Requests,
                "How many wait at once; those beyond get 503.");
        }

        /// <summary>Which requests do not wake an agent.</summary>
        public static class QuietKeys
        {
            public static readonly ConfigSection Section = ConfigSection.Template(
                "gateway.agents.NAME.quiet", "Which requests neither wake it nor keep it awake.");

            public static readonly ConfigKey<IReadOnlyList<string>> Paths = Section.Key(
                "paths",
                ConfigTypes.Texts("path", CheckPath),
                Defaults.Quiet.Paths,
                "Paths, exactly as they are asked for.");

            public static readonly ConfigKey<IReadOnlyList<string>> UserAgents = Section.Optional(
                "user_agents",
                ConfigTypes.Texts("text", text => text.Length < 3 ? "takes 3 letters at least" : null),
                "Parts of a User-Agent, in any case: `[UptimeRobot, kube-probe]`.",
                "none");
        }

        /// <summary>How long forwarding may take.</summary>
        public static class TimeoutKeys
        {
            public static readonly ConfigSection Section = ConfigSection.Template(
                "gateway.agents.NAME.timeouts", "How long forwarding to it may take. 0 is no limit.");

            public static readonly ConfigKey<TimeSpan> Connect = Section.Key(
                "connect",
                ConfigTypes.Duration(TimeSpan.Zero, TimeSpan.FromHours(1)),
                Defaults.Timeouts.Connect,
                "Until a connection to it stands. Beyond it: 504.");

            public static readonly ConfigKey<TimeSpan> Response = Section.Key(
                "response",
                ConfigTypes.Duration(TimeSpan.Zero, Day),
                Defaults.Timeouts.Response,
                "From the last byte of the request to the first line of the answer. Beyond it: 504. gRPC calls have "
                    + "deadlines of their own and none here.");

            public static readonly ConfigKey<TimeSpan> Idle = Section.Key(
                "idle",
                ConfigTypes.Duration(TimeSpan.Zero, Day),
                Defaults.Timeouts.Idle,
                "Without a byte in either direction, pings of WebSockets among them; then the connection is cut.");
        }
    }
}
