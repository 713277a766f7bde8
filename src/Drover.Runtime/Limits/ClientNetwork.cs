using System.Net;
using System.Net.Sockets;

namespace Drover.Runtime.Limits;

/// <summary>
/// Whom an address is counted as: an IPv4 address as itself, an IPv6 address as its /64, which is what one customer or
/// machine is given (RFC 6177); who has a /64 has more addresses than there is memory to count them.
/// </summary>
public static class ClientNetwork
{
    private const int PrefixBytes = 8;

    /// <summary>The address, or its network.</summary>
    public static string Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
        {
            return address.ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(PrefixBytes).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
