using Drover.Runtime.Configuration;

namespace Drover.Configuration;

internal static partial class DroverYaml
{
    /// <summary>The supervisor of this machine.</summary>
    public static class Supervisor
    {
        public static readonly ConfigSection Section = Root.Section(
            "supervisor",
            "Keeps processes and containers of this machine alive and watches what others keep alive "
                + "(`drover supervisor`). Relative paths in this section count from the file's own directory.");

        public static readonly LinkKeys Link = new(
            Section, "supervisor", "components", "supervisor/uplink/agent.json in data_dir");

        public static readonly ConfigKey<IReadOnlyList<ConfigNamed<ConfigEntry>>> Webhooks = Webhook.In(Section);

        public static readonly ConfigKey<IReadOnlyList<ConfigNamed<ConfigEntry>>> Components = Section.Optional(
            "components",
            new NamedType<ConfigEntry>(new SectionType(Component.Section), Component.Names),
            "What is kept alive, by name. Started in the order of what each depends on, else in the order of the "
                + "file.");
    }
}
