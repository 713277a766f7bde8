using Drover.Core.Events;
using Drover.Runtime.Configuration;
using Drover.Runtime.Events.Webhooks;

namespace Drover.Configuration;

internal static partial class DroverYaml
{
    /// <summary>One receiver of a role's events.</summary>
    public static class Webhook
    {
        public static readonly ConfigSection Section = ConfigSection.Template(
            "ROLE.webhooks.NAME", "One receiver. `url` or `secret_url` must be there.");

        public static readonly ConfigKey<Uri> Url = Section.Optional(
            "url", ConfigTypes.Address, "Where events are sent by POST.");

        public static readonly ConfigKey<SecretSource> SecretUrl = Section.Optional(
            "secret_url",
            ConfigTypes.SecretSource,
            "The same for an address that is a secret itself, as those of Slack are. Read for each attempt; a relative "
                + "path counts from the file's own directory.");

        public static readonly ConfigKey<SecretSource> SigningKey = Section.Optional(
            "signing_key",
            ConfigTypes.SecretSource,
            "What they are signed with, as Standard Webhooks has it: `whsec_` and base64 of 24 octets or more. "
                + "Several, separated by white space, give several signatures. Read for each attempt.",
            "they are not");

        public static readonly ConfigKey<string> Format = Section.Key(
            "format",
            ConfigTypes.OneOf(["cloudevents", "slack"]),
            "cloudevents",
            "How an event is written: as CloudEvents 1.0 JSON, or as a message for Slack.");

        public static readonly ConfigKey<IReadOnlyList<string>> Events = Section.Optional(
            "events",
            ConfigTypes.ListOf([.. EventTypes.All.Select(type => type.Name)]),
            "Which types of events.",
            "all");

        public static readonly ConfigKey<TimeSpan> Timeout = Section.Key(
            "timeout",
            ConfigTypes.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)),
            WebhookSpec.UsualTimeout,
            "How long the receiver may take to answer.");

        public static readonly ConfigKey<long> Queue = Section.Key(
            "queue",
            ConfigTypes.Size(64 << 10, 1L << 30),
            WebhookSpec.UsualQueueBytes,
            "How much may wait for it on disk while it is away. The oldest goes first, and it is told how many went. "
                + "Counts from a start on.");

        public static readonly ConfigKey<bool> PlainHttp = Section.Key(
            "plain_http",
            ConfigTypes.Switch,
            false,
            "Plain HTTP to another machine is wanted; to this one it is always.");

        static Webhook() => Section.ExactlyOneOf(Url, SecretUrl);

        /// <summary>The receivers of a role, declared in its section.</summary>
        public static ConfigKey<IReadOnlyList<ConfigNamed<ConfigEntry>>> In(ConfigSection role) => role.Optional(
            "webhooks",
            new NamedType<ConfigEntry>(new SectionType(Section), Component.Names),
            "Who is told of events over HTTP, by name.");
    }
}
