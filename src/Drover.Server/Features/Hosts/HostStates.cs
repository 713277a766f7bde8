using Drover.Core.Fleet;

namespace Drover.Server.Features.Hosts;

/// <summary>The names of host states on the wire and in the database.</summary>
internal static class HostStates
{
    public static string NameOf(HostState state) => state switch
    {
        HostState.Live => "live",
        HostState.Late => "late",
        HostState.Offline => "offline",
        HostState.DockerDown => "docker_down",
        HostState.Goodbye => "goodbye",
        HostState.Revoked => "revoked",
    };

    /// <summary>
    /// The state of that name; a name this version does not know is believed offline until the next heartbeat.
    /// </summary>
    public static HostState Parse(string name) =>
        Enum.GetValues<HostState>().FirstOrDefault(state => NameOf(state) == name, HostState.Offline);
}
