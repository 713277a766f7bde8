using System.Globalization;
using System.Security.Cryptography;
using Drover.Testing.Docker;

namespace Drover.Testing.Network;

/// <summary>
/// A second machine as far as the network goes: a namespace with one cable to this one, which a test can pull. Gone
/// with its cable when disposed.
/// </summary>
public sealed class NetworkNamespace : IDisposable
{
    private readonly string _here;

    private NetworkNamespace(string name, int subnet)
    {
        Name = name;
        _here = $"{name}h";
        Number = subnet;
        Here = string.Create(CultureInfo.InvariantCulture, $"10.213.{subnet}.1");
        There = string.Create(CultureInfo.InvariantCulture, $"10.213.{subnet}.2");
    }

    public string Name { get; }

    /// <summary>A number that no other namespace of this machine has just now, for networks of its own.</summary>
    public int Number { get; }

    /// <summary>The file that programs enter it by.</summary>
    public string Path => $"/var/run/netns/{Name}";

    /// <summary>This machine's address as the other one sees it.</summary>
    public string Here { get; }

    /// <summary>The other machine's address.</summary>
    public string There { get; }

    public static NetworkNamespace Create()
    {
        if (!Shell.Has("ip") || !Shell.Has("nsenter"))
        {
            throw new InvalidOperationException(
                "These tests make a network namespace and there is no ip or nsenter. Install them: "
                + "apt-get install -y iproute2 util-linux");
        }

        var name = $"drv{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
        var made = new NetworkNamespace(name, FreeNumber());
        try
        {
            made.Ip("netns", "add", name);
            made.Ip("link", "add", made._here, "type", "veth", "peer", "name", "cable", "netns", name);
            made.Ip("addr", "add", $"{made.Here}/24", "dev", made._here);
            made.Ip("link", "set", made._here, "up");
            made.Ip("-n", name, "addr", "add", $"{made.There}/24", "dev", "cable");
            made.Ip("-n", name, "link", "set", "cable", "up");
            made.Ip("-n", name, "link", "set", "lo", "up");
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>Pulls the cable: what is sent either way is lost without a word.</summary>
    public void PullCable() => Ip("link", "set", _here, "down");

    /// <summary>Plugs it in again.</summary>
    public void PlugCable() => Ip("link", "set", _here, "up");

    /// <summary>This machine reaches a network behind the other one, as its own router would say.</summary>
    public void RouteTo(string network) => Ip("route", "add", network, "via", There);

    /// <summary>A cable to a third machine, over which the two reach each other by their own addresses.</summary>
    /// <param name="other">The third.</param>
    /// <param name="name">What the cable is called at both ends.</param>
    public void ConnectTo(NetworkNamespace other, string name)
    {
        Ip("-n", Name, "link", "add", name, "type", "veth", "peer", "name", name, "netns", other.Name);
        LeadTo(other, name);
        other.LeadTo(this, name);
    }

    /// <summary>Pulls or plugs in a cable between this machine and a third.</summary>
    public void SwitchCable(string name, bool isPlugged, NetworkNamespace other)
    {
        Ip("-n", Name, "link", "set", name, isPlugged ? "up" : "down");
        if (isPlugged)
        {
            // The kernel forgets routes over a cable that was pulled.
            LeadTo(other, name);
        }
    }

    private void LeadTo(NetworkNamespace other, string name)
    {
        Ip("-n", Name, "link", "set", name, "up");
        Ip("-n", Name, "route", "replace", $"{other.There}/32", "dev", name, "src", There);
    }

    private static int FreeNumber()
    {
        var taken = Shell.Run("ip", "-4", "route", "show");
        for (var tries = 0; tries < 1000; tries++)
        {
            var number = RandomNumberGenerator.GetInt32(1, 255);
            if (!taken.Contains(
                string.Create(CultureInfo.InvariantCulture, $"10.213.{number}."), StringComparison.Ordinal))
            {
                return number;
            }
        }

        throw new InvalidOperationException("no number is left for a network namespace: end those of earlier runs");
    }

    public void Dispose() => Shell.Run("ip", "netns", "del", Name);

    private void Ip(params string[] arguments)
    {
        if (Shell.ExitCode("ip", arguments) is var code and not 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)} ended with {code}");
        }
    }
}
