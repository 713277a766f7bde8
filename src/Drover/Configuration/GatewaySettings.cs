using Drover.Gateway;
using Drover.Runtime.Configuration;

namespace Drover.Configuration;

/// <summary>What a gateway of this process is told.</summary>
internal static class GatewaySettings
{
    /// <summary>The options; the file is read again from where it was found.</summary>
    public static GatewayOptions Options(Settings settings, EnvironmentVariables environment)
    {
        var path = settings.Document.Path is { } found ? Path.GetFullPath(found) : null;
        var options = new GatewayOptions
        {
            DataDirectory = Path.GetFullPath(settings.DataDirectory),
            Document = settings.Gateway(),
            Reread = () => Settings.Load(path, environment).Gateway(),
        };
        return (environment[EnvironmentVariables.DockerHost] ?? settings.Document.Get(DroverYaml.Gateway.DockerHost))
            is { } host
                ? options with { DockerHost = host }
                : options;
    }
}
