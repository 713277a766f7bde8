using System.Globalization;
using System.Net;
using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Supervisor.Containers;

namespace Drover.Supervisor.Documents;

/// <summary>
/// Probes that cannot say what they are asked for: they can never be reached, succeed whatever is, or speak of another
/// component. Pure: looks at nothing but the document.
/// </summary>
internal static class ProbeWarnings
{
    internal static IEnumerable<string> Of(SupervisorDocument document, ComponentDocument component)
    {
        foreach (var kind in Enum.GetValues<ProbeKind>())
        {
            if (component.TargetOf(kind) is not { } target)
            {
                continue;
            }

            var name = kind.ToString().ToLowerInvariant();
            if (kind is ProbeKind.Startup && SucceedsAtOnce(target))
            {
                yield return $"startup: {target.Type.Name} succeeds as soon as the instance runs, so it gives no time "
                    + "to start and holds nothing back. Ask for a port, a page, a file or a line of the log.";
            }

            if (AddressOf(target) is not { } address)
            {
                continue;
            }

            if (component.Launch is ContainerLaunch container && !CanReach(container, address))
            {
                yield return $"{name}: {address} can never be reached: it is asked from this machine, and the "
                    + "container publishes no such port. Add it to ports, take network: host, or ask inside with exec.";
            }

            if (kind is not ProbeKind.Readiness && OtherAt(document, component, address) is { } other)
            {
                yield return other.Spec.Ownership is Ownership.Watched
                    ? $"{name}: {address} is \"{other.Name}\", which others keep alive: an outage there ends this "
                        + "component. Ask for it in readiness."
                    : $"{name}: {address} is asked for \"{other.Name}\" too: whichever has the port answers for both.";
            }
        }
    }

    private static bool SucceedsAtOnce(ProbeTarget target) =>
        target is ProbeTarget.Process or ProbeTarget.DockerState or ProbeTarget.Log { Ready: null };

    /// <summary>Another component that has this address, by its own startup or liveness probe or as external.</summary>
    private static ComponentDocument? OtherAt(
        SupervisorDocument document, ComponentDocument component, ProbeAddress address) =>
        document.Components.FirstOrDefault(other => other.Name != component.Name && other.Launch switch
        {
            ExternalAddress external =>
                ProbeAddress.TryParse(external.Address, out var its) is null && IsSame(its, address),
            _ => new[] { other.Startup, other.Liveness }.OfType<ProbeTarget>()
                .Any(target => AddressOf(target) is { } its && IsSame(its, address)),
        });

    private static ProbeAddress? AddressOf(ProbeTarget target) => target switch
    {
        ProbeTarget.Tcp tcp => tcp.Address,
        ProbeTarget.Http http => http.Address,
        ProbeTarget.Grpc grpc => grpc.Address,
        _ => null,
    };

    private static bool CanReach(ContainerLaunch container, ProbeAddress address)
    {
        // Elsewhere it may be the container's own address, or a name that a network gives it.
        if (!IsLoopback(address) || container.Network is "host" || container.Network?.Contains(':') is true)
        {
            return true;
        }

        var port = address.Port.ToString(CultureInfo.InvariantCulture);
        return container.Ports.Select(PublishedPort.Parse).Any(published => published.Binding.HostPort == port);
    }

    private static bool IsSame(ProbeAddress one, ProbeAddress other) =>
        one.Port == other.Port && (one.Host == other.Host || (IsLoopback(one) && IsLoopback(other)));

    private static bool IsLoopback(ProbeAddress address) =>
        address.Host == "localhost" || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
}
