using Drover.Runtime.Docker.Containers;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands;

/// <summary>The host's last word on what may be executed. Pure; nothing the server sends can widen it.</summary>
internal static class PolicyGate
{
    /// <summary>Why a command of this type is refused, or null.</summary>
    public static CommandErrorDto? Objection(HostPolicy policy, string type)
    {
        if (policy.MonitorOnly && CommandTypes.ChangesHost(type))
        {
            return Denied(
                $"cannot {type}: this host is set to monitor only; its operator can change "
                    + "host_agent.policy.monitor_only");
        }

        return policy.AllowedTypes.Contains(type, StringComparer.Ordinal)
            ? null
            : Denied(
                $"cannot {type}: the policy of this host does not allow it; its operator can change "
                    + "host_agent.policy.allowed_types");
    }

    /// <summary>Why this container is not touched, or null. Its app code and its name both count.</summary>
    public static CommandErrorDto? Objection(HostPolicy policy, string type, ContainerSummary container)
    {
        var isProtected = CommandTypes.ChangesHost(type)
            && (policy.ProtectedApps.Contains(AppResolver.AppCodeOf(container), StringComparer.Ordinal)
                || policy.ProtectedApps.Contains(container.Name, StringComparer.Ordinal));
        return isProtected
            ? Denied(
                $"cannot {type} \"{container.Name}\": the policy of this host protects it "
                    + "(host_agent.policy.protected_apps)")
            : null;
    }

    private static CommandErrorDto Denied(string message) => new(CommandErrors.PolicyDenied, message);
}
