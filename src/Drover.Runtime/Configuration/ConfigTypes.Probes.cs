using Drover.Runtime.Probing;

namespace Drover.Runtime.Configuration;

/// <summary>Types for what probes ask.</summary>
public static partial class ConfigTypes
{
    /// <summary>Host and port to connect to, or a port of this machine.</summary>
    public static ConfigType<ProbeAddress> HostPort { get; } = new ScalarType<ProbeAddress>(
        "port or host:port",
        ProbeAddress.TryParse,
        value => value.ToString(),
        json =>
        {
            json.WriteStartArray("type");
            json.WriteStringValue("string");
            json.WriteStringValue("integer");
            json.WriteEndArray();
        });

    /// <summary>The address of a page.</summary>
    public static ConfigType<ProbeTarget.Http> Page { get; } = new ScalarType<ProbeTarget.Http>(
        "http(s) address",
        ProbeTarget.Http.TryParse,
        value => $"{(value.IsTls ? "https" : "http")}://{value.Address}{value.Path}",
        TypeString);
}
