using Drover.Runtime.Configuration;
using Drover.Supervisor;

namespace Drover.Configuration;

internal static partial class DroverYaml
{
    private static readonly SupervisorServerOptions SupervisorDefaults = new();

    /// <summary>The supervisor of this machine.</summary>
    public static class Supervisor
    {
        public static readonly ConfigSection Section = Root.Section(
            "supervisor",
            "Keeps processes and containers of this machine alive and watches what others keep alive "
                + "(`drover supervisor`). Relative paths in this section count from the file's own directory.");

        public static readonly ConfigKey<Uri> Server = Section.Optional(
            "server",
            ConfigTypes.Address,
            "The server that events of components go to; the credentials file has it once the supervisor is enrolled.",
            "the server of the same process, else the one enrolled with, else none");

        public static readonly ConfigKey<string> ServerPin = Section.Optional(
            "server_pin",
            ConfigTypes.Text,
            "Pin of the server's certificate, where no authority signed it: `drover server certificate show` prints "
                + "it.");

        public static readonly ConfigKey<Secret> EnrollToken = Section.Optional(
            "enroll_token",
            ConfigTypes.Secret,
            "One-time token; needed until the supervisor is enrolled. DROVER_ENROLL_TOKEN_FILE and DROVER_ENROLL_TOKEN "
                + "win over it for `drover supervisor`.");

        public static readonly ConfigKey<string> Name = Section.Optional(
            "name", ConfigTypes.Text, "How people call this supervisor.", "the host's name with -supervisor behind it");

        public static readonly ConfigKey<string> Credentials = Section.Optional(
            "credentials", ConfigTypes.Path, "The credentials file.", "supervisor/uplink/agent.json in data_dir");

        public static readonly ConfigKey<long> EventSpool = Section.Key(
            "event_spool", ConfigTypes.Size(64 << 10, 16L << 30), SupervisorDefaults.EventSpoolBytes,
            "Most bytes of events kept on disk while the server is away; the oldest are dropped and counted.");

        public static readonly ConfigKey<IReadOnlyList<ConfigNamed<ConfigEntry>>> Components = Section.Optional(
            "components",
            new NamedType<ConfigEntry>(new SectionType(Component.Section), Component.Names),
            "What is kept alive, by name. Started in the order of what each depends on, else in the order of the "
                + "file.");
    }
}
