using Drover.Runtime.Configuration;
using Drover.Runtime.Uplink;

namespace Drover.Configuration;

/// <summary>
/// The keys by which a role that works without its server joins it and tells it of its events: the same for each.
/// </summary>
internal sealed class LinkKeys
{
    /// <param name="section">The role's section.</param>
    /// <param name="role">What people call it: <c>supervisor</c>.</param>
    /// <param name="subjects">What its events are about.</param>
    /// <param name="credentials">Where its credentials are when nothing is written.</param>
    public LinkKeys(ConfigSection section, string role, string subjects, string credentials)
    {
        Server = section.Optional(
            "server",
            ConfigTypes.Address,
            $"The server that events of {subjects} go to; the credentials file has it once the {role} is enrolled.",
            "the server of the same process, else the one enrolled with, else none");
        ServerPin = section.Optional(
            "server_pin",
            ConfigTypes.Text,
            "Pin of the server's certificate, where no authority signed it: `drover server certificate show` prints "
                + "it.");
        EnrollToken = section.Optional(
            "enroll_token",
            ConfigTypes.Secret,
            $"One-time token; needed until the {role} is enrolled. DROVER_ENROLL_TOKEN_FILE and DROVER_ENROLL_TOKEN "
                + $"win over it for `drover {role}`.");
        Name = section.Optional(
            "name", ConfigTypes.Text, $"How people call this {role}.", $"the host's name with -{role} behind it");
        Credentials = section.Optional("credentials", ConfigTypes.Path, "The credentials file.", credentials);
        EventSpool = section.Key(
            "event_spool",
            ConfigTypes.Size(64 << 10, 16L << 30),
            UplinkSpec.UsualEventSpoolBytes,
            "Most bytes of events kept on disk while the server is away; the oldest are dropped and counted.");
    }

    public ConfigKey<Uri> Server { get; }

    public ConfigKey<string> ServerPin { get; }

    public ConfigKey<Secret> EnrollToken { get; }

    public ConfigKey<string> Name { get; }

    public ConfigKey<string> Credentials { get; }

    public ConfigKey<long> EventSpool { get; }
}
