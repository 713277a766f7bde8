using Drover.Core.Events;
using Drover.Wire.Agents;

namespace Drover.Server.Features.Hosts;

/// <summary>What kinds of roles can enroll, once: a line each with what they differ in toward the server.</summary>
internal static class HostKinds
{
    public static readonly HostKind HostAgent = new(
        AgentKinds.HostAgent, "host agent", "hosts", HasEngine: true, ["container.", EventTypes.AlertLoss.Name]);

    public static readonly HostKind Supervisor = new(
        AgentKinds.Supervisor, "supervisor", "supervisors", HasEngine: false, ["component.", "restart.", "alert."]);

    public static readonly HostKind Gateway = new(
        AgentKinds.Gateway, "gateway", "gateways", HasEngine: false,
        ["agent.", EventTypes.RestartExhausted.Name, EventTypes.AlertLoss.Name]);

    public static readonly IReadOnlyList<HostKind> All = [HostAgent, Supervisor, Gateway];

    /// <summary>The kind of that name; null where there is none.</summary>
    public static HostKind? Find(string name) => All.FirstOrDefault(kind => kind.Name == name);
}

/// <summary>One kind of role that enrolls.</summary>
/// <param name="Name">One of <see cref="AgentKinds"/>.</param>
/// <param name="Word">What people call it.</param>
/// <param name="Folder">The first part of its events' source.</param>
/// <param name="HasEngine">
/// It stands for a machine with a Docker Engine: it says how that is, has an inventory and takes commands.
/// </param>
/// <param name="Tells">Beginnings of the types of events that are its to tell.</param>
internal sealed record HostKind(
    string Name, string Word, string Folder, bool HasEngine, IReadOnlyList<string> Tells)
{
    /// <summary>Everything else is the server's own to tell: no role can forge a refusal or a command's end.</summary>
    public bool MayTell(EventType type) =>
        Tells.Any(beginning => type.Name.StartsWith(beginning, StringComparison.Ordinal));
}
