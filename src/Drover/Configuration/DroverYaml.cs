using Drover.HostAgent;
using Drover.Runtime.Configuration;
using Drover.Server;
using Drover.Wire.Commands;

namespace Drover.Configuration;

/// <summary>
/// Every key of drover.yaml, declared once: what is read, the reference page and the JSON Schema come from here.
/// </summary>
internal static partial class DroverYaml
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);
    private static readonly ServerOptions ServerDefaults = new() { DataDirectory = "/" };
    private static readonly HostAgentOptions AgentDefaults = new() { DataDirectory = "/" };

    public static readonly ConfigSection Root = ConfigSection.Root(
        "Settings of one drover process. `drover up` runs server and host agent; only the server where the file has "
            + "`server` and no `host_agent`, only the host agent where `host_agent.server` names another server and "
            + "there is no `server`. Where the file has `supervisor` it runs that, and the others only where the file "
            + "has them too.");

    public static readonly ConfigKey<string> DataDirectory = Root.Optional(
        "data_dir", ConfigTypes.Path, "Where everything durable is kept. DROVER_DATA_DIR wins over it.",
        "/var/lib/drover as root, else ~/.local/share/drover");

    public static readonly ConfigKey<string> LogLevel = Root.Key(
        "log_level",
        ConfigTypes.OneOf(["debug", "info", "warning", "error"]),
        "info",
        "Least severe log lines that are written to standard error.");

    /// <summary>The control plane.</summary>
    public static class Server
    {
        public static readonly ConfigSection Section = Root.Section("server", "The control plane.");

        public static readonly ConfigKey<string> Listen = Section.Key(
            "listen",
            ConfigTypes.Listen,
            ServerDefaults.Listen,
            "Address and port of the listener. Plain HTTP on loopback, TLS everywhere else.");

        public static readonly ConfigKey<Uri> PublicUrl = Section.Optional(
            "public_url",
            ConfigTypes.Address,
            "The address that `drover token create` gives to other machines.",
            "the address listened on, else that of the interface with the way out");

        public static readonly ConfigKey<string> Socket = Section.Optional(
            "socket", ConfigTypes.Path, "Unix socket for this machine's command line.", "server.sock in data_dir");

        public static readonly ConfigKey<TimeSpan> HeartbeatInterval = Section.Key(
            "heartbeat_interval",
            ConfigTypes.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            ServerDefaults.HeartbeatInterval,
            "How often host agents are told to send a heartbeat.");

        public static readonly ConfigKey<TimeSpan> CommandLife = Section.Key(
            "command_life",
            ConfigTypes.Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)),
            ServerDefaults.CommandLife,
            "How long an ordered command waits for its host before it expires.");

        public static readonly ConfigKey<TimeSpan> CommandLease = Section.Key(
            "command_lease",
            ConfigTypes.Duration(TimeSpan.FromSeconds(5), TimeSpan.FromHours(1)),
            ServerDefaults.CommandLease,
            "How long a host holds a command without a word before it is given out again.");

        public static readonly ConfigKey<TimeSpan> CommandRetention = Section.Key(
            "command_retention",
            ConfigTypes.Duration(TimeSpan.FromHours(1), 10 * Year),
            ServerDefaults.CommandRetention,
            "How long finished commands are kept.");

        public static readonly ConfigKey<TimeSpan> EventRetention = Section.Key(
            "event_retention", ConfigTypes.Duration(TimeSpan.FromHours(1), 10 * Year), ServerDefaults.EventRetention,
            "How long events are kept.");

        public static readonly ConfigKey<int> EventLimit = Section.Key(
            "event_limit",
            ConfigTypes.Whole(1_000, 100_000_000),
            ServerDefaults.EventLimit,
            "How many events are kept at most.");

        public static readonly ConfigKey<IReadOnlyList<ConfigNamed<ConfigEntry>>> Webhooks = Webhook.In(Section);

        private static readonly ConfigSection Tls = Section.Section(
            "tls",
            "What the listener proves itself with. Nothing to write for a certificate that the server makes once and "
                + "host agents pin.");

        public static readonly ConfigKey<bool> TlsEnabled = Tls.Optional(
            "enabled",
            ConfigTypes.Switch,
            "Speak TLS on loopback too. It cannot be off anywhere else.",
            "true off loopback and wherever a certificate is given");

        public static readonly ConfigKey<string> TlsCertificate = Tls.Optional(
            "certificate",
            ConfigTypes.Path,
            "PEM file with the certificate, and after it those up to its authority. A new one is noticed by itself.",
            "one the server makes itself");

        public static readonly ConfigKey<string> TlsKey = Tls.Optional(
            "key", ConfigTypes.Path, "PEM file with the certificate's private key, without a passphrase.");

        public static readonly ConfigKey<TimeSpan> TlsRotationGrace = Tls.Key(
            "rotation_grace",
            ConfigTypes.Duration(TimeSpan.Zero, TimeSpan.FromDays(30)),
            ServerDefaults.TlsRotationGrace,
            "How long a new certificate file with another key is announced to the hosts before it is used, where no "
                + "authority vouches for the old one.");

        private static readonly ConfigSection Enrollment = Section.Section("enrollment", "How hosts join.");

        public static readonly ConfigKey<bool> ReusableTokens = Enrollment.Key(
            "reusable_tokens",
            ConfigTypes.Switch,
            false,
            "Allow `drover token create --uses N`: a token that lets N hosts join.");
    }

    /// <summary>The host agent.</summary>
    public static class Agent
    {
        public static readonly ConfigSection Section = Root.Section("host_agent", "The agent of this machine.");

        public static readonly ConfigKey<Uri> Server = Section.Optional(
            "server",
            ConfigTypes.Address,
            "The server's address; the credentials file has it once the host is enrolled.",
            "the server of the same process, else the one enrolled with");

        public static readonly ConfigKey<string> ServerPin = Section.Optional(
            "server_pin",
            ConfigTypes.Text,
            "Pin of the server's certificate, where no authority signed it: `drover server certificate show` prints "
                + "it. The credentials file has it once the host is enrolled.");

        public static readonly ConfigKey<Secret> EnrollToken = Section.Optional(
            "enroll_token", ConfigTypes.Secret, "One-time token; needed until the host is enrolled.");

        public static readonly ConfigKey<string> Name = Section.Optional(
            "name", ConfigTypes.Text, "How people call this host.", "the machine's own name");

        public static readonly ConfigKey<string> DockerHost = Section.Optional(
            "docker_host",
            ConfigTypes.DockerAddress,
            "Where the Docker Engine listens: unix:///PATH or tcp://HOST:PORT. DOCKER_HOST wins over it.",
            AgentDefaults.DockerHost);

        public static readonly ConfigKey<string> Credentials = Section.Optional(
            "credentials", ConfigTypes.Path, "The credentials file.",
            "agent.json in data_dir; /etc/drover/agent.json for `drover host-agent` as root with the default data_dir");

        public static readonly ConfigKey<string> LocalApi = Section.Optional(
            "local_api", ConfigTypes.LoopbackListen,
            "Address and port of /health, /capabilities and /metrics. Loopback only: it asks nobody who they are.",
            "off");

        public static readonly ConfigKey<TimeSpan> ReconcileInterval = Section.Key(
            "reconcile_interval",
            ConfigTypes.Duration(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10)),
            AgentDefaults.ReconcileInterval,
            "How often the whole list of containers is compared, besides the engine's events.");

        public static readonly ConfigKey<long> EventSpool = Section.Key(
            "event_spool", ConfigTypes.Size(64 << 10, 16L << 30), AgentDefaults.EventSpoolBytes,
            "Most bytes of events kept on disk while the server is away; the oldest are dropped and counted.");

        public static readonly ConfigKey<long> ReportSpool = Section.Key(
            "report_spool", ConfigTypes.Size(1 << 20, 16L << 30), AgentDefaults.ReportSpoolBytes,
            "Most bytes of command reports kept on disk while the server is away.");

        private static readonly ConfigSection LegacySection = Section.Section(
            "legacy",
            "Serves a server of the older protocol (Stacker) at host_agent.server in the place of a Drover server. The "
                + "values are those of the old agent's .env.");

        public static readonly ConfigKey<bool> Legacy = LegacySection.Key(
            "enabled", ConfigTypes.Switch, false, "Whether it does.");

        public static readonly ConfigKey<string> LegacyAgentId = LegacySection.Optional(
            "agent_id", ConfigTypes.Text, "AGENT_ID, a UUID.");

        public static readonly ConfigKey<string> LegacyDeploymentHash = LegacySection.Optional(
            "deployment_hash", ConfigTypes.Text, "DEPLOYMENT_HASH.");

        public static readonly ConfigKey<bool> LegacyRegister = LegacySection.Key(
            "register",
            ConfigTypes.Switch,
            false,
            "Asks that server for id and token by the deployment hash while token_file is not there, as its installer "
                + "does, and writes the token into it.");

        public static readonly ConfigKey<string> LegacyTokenFile = LegacySection.Optional(
            "token_file",
            ConfigTypes.Path,
            "File of mode 0600 that holds AGENT_TOKEN and nothing else; it is read again when the server refuses it.");

        private static readonly ConfigSection Policy =
            Section.Section("policy", "What this host lets the server do. The server cannot widen it.");

        public static readonly ConfigKey<bool> MonitorOnly = Policy.Key(
            "monitor_only", ConfigTypes.Switch, false, "Nothing that changes the host is executed.");

        public static readonly ConfigKey<IReadOnlyList<string>> AllowedTypes = Policy.Key(
            "allowed_types",
            ConfigTypes.ListOf(CommandTypes.All),
            CommandTypes.All,
            "Command types that are executed.");

        public static readonly ConfigKey<IReadOnlyList<string>> ProtectedApps = Policy.Key(
            "protected_apps", ConfigTypes.TextList, [], "App codes that are never started, stopped or restarted.");
    }

    /// <summary>
    /// The whole tree: touching the nested classes here declares their sections in the order of the reference.
    /// </summary>
    public static ConfigSection Declared()
    {
        _ = Server.Section;
        _ = Limits.Section;
        _ = Agent.Section;
        _ = Supervisor.Section;
        _ = Gateway.Section;
        return Root;
    }
}
