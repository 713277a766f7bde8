using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Drover.Server.Features.Certificates;

/// <summary>Under which addresses other machines may reach this one, the likeliest first.</summary>
internal static class OwnAddresses
{
    // Interfaces of container engines and virtual machines: their addresses mean something on this machine only.
    private static readonly string[] Inner = ["docker", "br-", "veth", "virbr", "cni", "flannel", "lxc"];

    /// <summary>Addresses of interfaces that are up: those with a gateway first, IPv4 before IPv6.</summary>
    public static IReadOnlyList<IPAddress> All()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(one => one.OperationalStatus is not OperationalStatus.Down
                        && one.NetworkInterfaceType is not NetworkInterfaceType.Loopback)
                    .SelectMany(Rated)
                    .OrderBy(one => one.Rank)
                    .Select(one => one.Address),
            ];
        }
        catch (NetworkInformationException)
        {
            // A machine that does not tell its interfaces: somebody who knows the address writes server.public_url.
            return [];
        }
    }

    private static IEnumerable<(int Rank, IPAddress Address)> Rated(NetworkInterface one)
    {
        var properties = one.GetIPProperties();
        var rank = Array.Exists(Inner, start => one.Name.StartsWith(start, StringComparison.Ordinal)) ? 8
            : properties.GatewayAddresses.Any(gateway => !gateway.Address.Equals(IPAddress.Any)) ? 0
            : 4;
        return properties.UnicastAddresses
            .Select(unicast => unicast.Address)
            .Where(address => !IPAddress.IsLoopback(address) && !address.IsIPv6LinkLocal)
            .Select(address => (rank + (address.AddressFamily is AddressFamily.InterNetwork ? 0 : 1), address));
    }
}
