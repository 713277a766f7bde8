using System.Net;
using Drover.Gateway.Documents;
using Drover.Runtime.Configuration;

namespace Drover.Configuration;

internal static partial class DroverYaml
{
    private static readonly GatewayDocument GatewayDefaults = new();

    /// <summary>The gateway in front of agents.</summary>
    public static class Gateway
    {
        public const string XForwarded = "x_forwarded";
        public const string Standard = "forwarded";
        private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

        public static readonly ConfigSection Section = Root.Section(
            "gateway",
            "Leads hostnames to agents, wakes them when somebody asks and puts them to sleep when nobody does "
                + "(`drover gateway`).");

        public static readonly ConfigKey<string> Listen = Section.Key(
            "listen",
            ConfigTypes.Listen,
            GatewayDefaults.Listen,
            "Address and port for clients, without TLS: HTTP/1.1 and, by prior knowledge, HTTP/2. Any address may be "
                + "written: here strangers are expected.");

        public static readonly ConfigKey<string> DockerHost = Section.Optional(
            "docker_host",
            ConfigTypes.DockerAddress,
            "The Docker Engine of a Swarm manager. DOCKER_HOST wins over it.",
            "unix:///var/run/docker.sock");

        public static readonly ConfigKey<string> Network = Section.Optional(
            "network",
            ConfigTypes.Text,
            "The Docker network whose addresses of tasks are used.",
            "one that the gateway and the agent are both attached to");

        public static readonly ConfigKey<IReadOnlyList<string>> Forwarded = Section.Key(
            "forwarded_headers",
            ConfigTypes.ListOf([XForwarded, Standard]),
            [XForwarded, Standard],
            "How agents are told who asked: X-Forwarded-For, -Proto and -Host, or Forwarded (RFC 7239).");

        public static readonly ConfigKey<IReadOnlyList<string>> TrustedProxies = Section.Optional(
            "trusted_proxies",
            ConfigTypes.Texts("network such as 10.0.0.0/8", CheckNetwork),
            "Networks of proxies in front of the gateway. What others say in these headers is taken out.",
            "none");

        public static readonly ConfigKey<TimeSpan> DrainTimeout = Section.Key(
            "drain_timeout",
            ConfigTypes.Duration(TimeSpan.Zero, Hour),
            GatewayDefaults.DrainTimeout,
            "How long open requests and WebSockets may go on when the gateway ends.");

        private static readonly ConfigSection Tls = Section.Section("tls", "The same for clients that speak TLS.");

        public static readonly ConfigKey<string> TlsListen = Tls.Optional(
            "listen",
            ConfigTypes.Listen,
            "Address and port: HTTP/2 and HTTP/1.1, as the client chooses. Needs certificate and key.",
            "off");

        public static readonly ConfigKey<string> TlsCertificate = Tls.Optional(
            "certificate",
            ConfigTypes.Path,
            "PEM file with the certificate, and after it those up to its authority. SIGHUP has it read again.");

        public static readonly ConfigKey<string> TlsKey = Tls.Optional(
            "key", ConfigTypes.Path, "PEM file with the certificate's private key, without a passphrase.");

        private static readonly ConfigSection Admin = Section.Section(
            "admin",
            "Where operators and agents speak to the gateway itself. Everything there asks for a token; off loopback "
                + "give it a certificate, or a network that is encrypted itself, as an overlay of a Swarm can be.");

        public static readonly ConfigKey<string> AdminListen = Admin.Key(
            "listen", ConfigTypes.Listen, GatewayDefaults.Admin.Listen, "Address and port.");

        public static readonly ConfigKey<SecretSource> AdminToken = Admin.Optional(
            "token",
            ConfigTypes.SecretSource,
            "The token that opens it.",
            "one that is made at the first start and kept in the data directory");

        public static readonly ConfigKey<string> AdminCertificate = Admin.Optional(
            "certificate", ConfigTypes.Path, "PEM file with its certificate.", "no TLS");

        public static readonly ConfigKey<string> AdminKey = Admin.Optional(
            "key", ConfigTypes.Path, "PEM file with the certificate's private key, without a passphrase.");

        private static readonly ConfigSection Limits = Section.Section(
            "limits", "What a client can take of the gateway at most, whichever agent it asks for.");

        public static readonly ConfigKey<int> Connections = Limits.Key(
            "connections",
            ConfigTypes.Whole(1, 1_000_000),
            GatewayDefaults.Limits.Connections,
            "Open network connections, WebSockets among them.");

        public static readonly ConfigKey<int> Streams = Limits.Key(
            "streams_per_connection",
            ConfigTypes.Whole(1, 10_000),
            GatewayDefaults.Limits.StreamsPerConnection,
            "Requests at once on one connection of HTTP/2.");

        public static readonly ConfigKey<long> TargetSize = Limits.Key(
            "target_size",
            ConfigTypes.Size(1 << 10, 1 << 20),
            GatewayDefaults.Limits.TargetBytes,
            "The first line of a request: its method, path and query. Beyond it: 414.");

        public static readonly ConfigKey<long> HeaderSize = Limits.Key(
            "header_size",
            ConfigTypes.Size(1 << 10, 1 << 20),
            GatewayDefaults.Limits.HeaderBytes,
            "All headers of a request. Beyond it: 431.");

        public static readonly ConfigKey<int> Headers = Limits.Key(
            "headers",
            ConfigTypes.Whole(8, 2_000),
            GatewayDefaults.Limits.Headers,
            "Headers of a request. Beyond it: 431.");

        public static readonly ConfigKey<TimeSpan> HeaderTimeout = Limits.Key(
            "header_timeout",
            ConfigTypes.Duration(TimeSpan.FromSeconds(1), Hour),
            GatewayDefaults.Limits.HeaderTimeout,
            "How long a request may take to send its headers.");

        public static readonly ConfigKey<TimeSpan> IdleTimeout = Limits.Key(
            "idle_timeout",
            ConfigTypes.Duration(TimeSpan.FromSeconds(1), Hour),
            GatewayDefaults.Limits.IdleTimeout,
            "How long a connection without a request is kept.");

        public static readonly ConfigKey<int> SlowestBody = Limits.Key(
            "slowest_body",
            ConfigTypes.Whole(0, 1_000_000),
            GatewayDefaults.Limits.SlowestBody,
            "Bytes a second; a client that sends its request or takes its answer slower is given up after 10s. 0: "
                + "never. WebSockets and gRPC calls may be silent all the same.");

        private static readonly ConfigSection Capacity = Section.Section(
            "capacity",
            "How much of what is woken on demand may be awake at once. What was used longest ago goes to sleep first, "
                + "and nothing that somebody is using.");

        public static readonly ConfigKey<int> MaxReady = Capacity.Optional(
            "max_ready", ConfigTypes.Whole(1, 100_000), "How many agents.", "any number");

        public static readonly ConfigKey<long> Memory = Capacity.Optional(
            "memory", ConfigTypes.Size(1 << 20, 1L << 50), "How much memory they take together.", "any amount");

        public static readonly LinkKeys Link = new(
            Section, "gateway", "agents", "gateway/uplink/agent.json in data_dir");

        public static readonly ConfigKey<IReadOnlyList<ConfigNamed<ConfigEntry>>> Webhooks = Webhook.In(Section);

        public static readonly ConfigKey<IReadOnlyList<ConfigNamed<ConfigEntry>>> Agents = Section.Optional(
            "agents",
            new NamedType<ConfigEntry>(new SectionType(GatewayAgent.Section), GatewayAgent.Names),
            "The agents, by name.");

        private static string? CheckNetwork(string text) =>
            IPNetwork.TryParse(text, out var network)
            && text.Split('/') is [var address, _]
            && network.BaseAddress.Equals(IPAddress.Parse(address))
            ? null
            : $"\"{text}\" is not a network; write 10.0.0.0/8, 192.0.2.7/32 or 2001:db8::/32, with nothing set behind "
                + "the prefix";
    }
}
