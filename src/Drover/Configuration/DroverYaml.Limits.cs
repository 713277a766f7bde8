using Drover.Runtime.Configuration;
using Drover.Server;

namespace Drover.Configuration;

internal static partial class DroverYaml
{
    /// <summary>What one caller can take of the server at most.</summary>
    public static class Limits
    {
        private const int MostRequests = 100_000;
        private const int MostConnections = 1_000_000;

        public static readonly ConfigSection Section = Server.Section.Section(
            "limits",
            "What one caller can take of the server at most; beyond it the answer is 429 and says when to come again. "
                + "The defaults let 10,000 hosts work behind one address.");

        private static readonly ServerLimits Defaults = new();

        private static readonly ConfigKey<int> HostRequests = Section.Key(
            "host_requests",
            ConfigTypes.Whole(1, MostRequests),
            Defaults.HostRequests,
            "Requests a second of one host, in bursts of 20 s. Heartbeats are counted apart.");

        private static readonly ConfigKey<int> PersonRequests = Section.Key(
            "person_requests",
            ConfigTypes.Whole(1, MostRequests),
            Defaults.PersonRequests,
            "Requests a second under one API token, in bursts of 20 s.");

        private static readonly ConfigKey<int> StrangerRequests = Section.Key(
            "stranger_requests",
            ConfigTypes.Whole(1, MostRequests),
            Defaults.StrangerRequests,
            "Requests a second from one address (IPv6: one /64) that carry no valid credentials, in bursts of 20 s.");

        private static readonly ConfigKey<int> WrongTokens = Section.Key(
            "wrong_tokens",
            ConfigTypes.Whole(1, 10_000),
            Defaults.WrongTokens,
            "Wrong tokens a minute from one address, at sign-in and at enrollment apart.");

        private static readonly ConfigKey<int> HostOpenRequests = Section.Key(
            "host_open_requests",
            ConfigTypes.Whole(1, MostRequests),
            Defaults.HostOpenRequests,
            "Polls, log uploads and other requests of one host that are open at once.");

        private static readonly ConfigKey<int> PersonOpenRequests = Section.Key(
            "person_open_requests",
            ConfigTypes.Whole(1, MostRequests),
            Defaults.PersonOpenRequests,
            "Streams and other requests under one API token that are open at once.");

        private static readonly ConfigKey<int> Connections = Section.Key(
            "connections",
            ConfigTypes.Whole(1, MostConnections),
            Defaults.Connections,
            "Open network connections in all. The unix socket does not count.");

        private static readonly ConfigKey<int> ConnectionsPerAddress = Section.Key(
            "connections_per_address",
            ConfigTypes.Whole(1, MostConnections),
            Defaults.ConnectionsPerAddress,
            "Open network connections from one address (IPv6: one /64).");

        private static readonly ConfigKey<TimeSpan> HeaderTimeout = Section.Key(
            "header_timeout", Time(), Defaults.HeaderTimeout, "How long a request may take to send its headers.");

        private static readonly ConfigKey<TimeSpan> BodyTimeout = Section.Key(
            "body_timeout", Time(), Defaults.BodyTimeout, "How long a request may take to send its body.");

        private static readonly ConfigKey<TimeSpan> IdleTimeout = Section.Key(
            "idle_timeout", Time(), Defaults.IdleTimeout, "How long a connection without a request is kept.");

        public static ServerLimits Of(ConfigDocument document) => new()
        {
            HostRequests = document.Get(HostRequests),
            PersonRequests = document.Get(PersonRequests),
            StrangerRequests = document.Get(StrangerRequests),
            WrongTokens = document.Get(WrongTokens),
            HostOpenRequests = document.Get(HostOpenRequests),
            PersonOpenRequests = document.Get(PersonOpenRequests),
            Connections = document.Get(Connections),
            ConnectionsPerAddress = document.Get(ConnectionsPerAddress),
            HeaderTimeout = document.Get(HeaderTimeout),
            BodyTimeout = document.Get(BodyTimeout),
            IdleTimeout = document.Get(IdleTimeout),
        };

        private static ConfigType<TimeSpan> Time() =>
            ConfigTypes.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
    }
}
