using System.Net;
using Drover.Wire.People;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Drover.Server.Features.Certificates;

/// <summary>What another machine needs to reach this server: an address and the pin of its certificate.</summary>
internal sealed class JoinFacts(ServerOptions options, ServerCertificates certificates, IServer server)
{
    public JoinDto Now()
    {
        var pin = certificates.Now?.PinForHosts?.ToString();
        if (options.PublicUrl is { } chosen)
        {
            return new JoinDto(chosen.GetLeftPart(UriPartial.Authority), pin, JoinAddressSources.PublicUrl, []);
        }

        var scheme = options.UsesTls ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
        var bound = options.EndPoint.Address;
        var isEvery = bound.Equals(IPAddress.Any) || bound.Equals(IPAddress.IPv6Any);
        if (!isEvery)
        {
            var source = IPAddress.IsLoopback(bound) ? JoinAddressSources.Loopback : JoinAddressSources.Listen;
            return new JoinDto(Address(scheme, bound), pin, source, []);
        }

        var own = OwnAddresses.All().Select(address => Address(scheme, address)).ToList();
        return own is [var best, .. var others]
            ? new JoinDto(best, pin, JoinAddressSources.Interface, others)
            : new JoinDto(Address(scheme, IPAddress.Loopback), pin, JoinAddressSources.Loopback, []);
    }

    private string Address(string scheme, IPAddress address) => $"{scheme}://{new IPEndPoint(address, Port)}";

    /// <summary>As bound: with port 0 the system chose it.</summary>
    private int Port => server.Features.Get<IServerAddressesFeature>()?.Addresses
        .Where(text => !text.Contains("unix:", StringComparison.Ordinal))
        .Select(text => new Uri(text).Port)
        .FirstOrDefault(options.EndPoint.Port) ?? options.EndPoint.Port;
}
