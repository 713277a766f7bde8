using Drover.Gateway.Agents;
using Drover.Gateway.Routing;

namespace Drover.Gateway.Registration;

/// <summary>
/// Whether a hostname is an agent's to register: it lies within a wildcard that drover.yaml gives the agent, and within
/// none of another agent's that is closer to it.
/// </summary>
internal static class LeaseClaim
{
    /// <summary>Why it is not, in a sentence; null when it is.</summary>
    public static string? Objection(HostPattern pattern, AgentSeat agent, RouteTable table)
    {
        var written = table.All.Where(route => !route.IsRegistered).ToList();
        if (written.Any(route => route.Pattern == pattern && !pattern.IsWildcard))
        {
            return $"cannot register \"{pattern}\": drover.yaml says where it leads";
        }

        // The longest wildcard around a name is the one that holds for it, as with requests.
        var owner = written
            .Where(route => pattern.IsWithin(route.Pattern))
            .MaxBy(route => route.Pattern.Name.Length);
        if (owner?.Agent == agent)
        {
            return null;
        }

        var own = agent.Document.Hostnames.Where(host => host.IsWildcard).ToList();
        return own.Count == 0
            ? $"cannot register \"{pattern}\": drover.yaml gives the agent \"{agent.Name}\" no wildcard that it could "
                + "lie within"
            : $"cannot register \"{pattern}\": it does not lie within {string.Join(" or ", own)}, which is what "
                + $"drover.yaml gives the agent \"{agent.Name}\"";
    }
}
