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
        Here = string.Create(CultureInfo.InvariantCulture, $"10.213.{subnet}.1");
        There = string.Create(CultureInfo.InvariantCulture, $"10.213.{subnet}.2");
    }

    public string Name { get; }

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
        var made = new NetworkNamespace(name, RandomNumberGenerator.GetInt32(1, 255));
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

    public void Dispose() => Shell.Run("ip", "netns", "del", Name);

    private void Ip(params string[] arguments)
    {
        if (Shell.ExitCode("ip", arguments) is var code and not 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)} ended with {code}");
        }
    }
}
