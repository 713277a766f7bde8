using Drover.Commands;
using Drover.Gateway;
using Drover.Runtime.Configuration;
using Drover.Runtime.Uplink;
using Drover.Wire.Agents;

namespace Drover.Configuration;

/// <summary>What a gateway of this process is told.</summary>
internal static class GatewaySettings
{
    /// <summary>The options; the file is read again from where it was found.</summary>
    /// <param name="settings">The file.</param>
    /// <param name="environment">The process's.</param>
    /// <param name="takesToken">The token of the environment is meant for the gateway.</param>
    public static GatewayOptions Options(Settings settings, EnvironmentVariables environment, bool takesToken = true)
    {
        var path = settings.Document.Path is { } found ? Path.GetFullPath(found) : null;
        var options = new GatewayOptions
        {
            DataDirectory = Path.GetFullPath(settings.DataDirectory),
            Document = settings.Gateway(),
            Name = UplinkOf(settings).Name,
            Uplink = Uplink(settings, environment, takesToken),
            Reread = () => Settings.Load(path, environment).Gateway(),
        };
        return (environment[EnvironmentVariables.DockerHost] ?? settings.Document.Get(DroverYaml.Gateway.DockerHost))
            is { } host
                ? options with { DockerHost = host }
                : options;
    }

    /// <summary>The server as the file has it, whether it names one or not.</summary>
    public static UplinkSpec UplinkOf(Settings settings)
    {
        var file = settings.Document;
        var keys = DroverYaml.Gateway.Link;
        var paths = new GatewayPaths(settings.DataDirectory);
        return new UplinkSpec
        {
            Purpose = "forward the gateway's events",
            Kind = AgentKinds.Gateway,
            Directory = paths.Uplink,
            CredentialsFile = file.Get(keys.Credentials) ?? paths.Credentials,
            Server = LinkSettings.ServerOf(file, keys),
            ServerKey = keys.Server.Path,
            Pin = LinkSettings.PinOf(file, keys),
            Token = LinkSettings.TokenOf(file, keys),
            Name = LinkSettings.NameOf(file, keys, "gateway") ?? $"{Environment.MachineName}-gateway",
            Version = ProductVersion.Number,
            EventSpoolBytes = file.Get(keys.EventSpool),
        };
    }

    /// <summary>The server that events go to; null where nothing speaks of one.</summary>
    private static UplinkSpec? Uplink(Settings settings, EnvironmentVariables environment, bool takesToken)
    {
        var spec = UplinkOf(settings);
        if (spec is { Server: null, Token: null } && !File.Exists(spec.CredentialsFile))
        {
            return null;
        }

        var given = takesToken ? HostAgentCommand.TokenOf(environment) : null;
        return given is null ? spec : spec with { Token = given };
    }
}
