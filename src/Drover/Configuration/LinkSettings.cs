using Drover.Core.Trust;
using Drover.Runtime.Configuration;
using Drover.Runtime.Uplink.Transport;

namespace Drover.Configuration;

/// <summary>What the file says of a role's server, checked.</summary>
internal static class LinkSettings
{
    /// <summary>The server's address; null where none is written.</summary>
    /// <exception cref="ConfigurationException">It cannot be used; the sentence names the key.</exception>
    public static Uri? ServerOf(ConfigDocument file, LinkKeys keys) =>
        file.Get(keys.Server) is not { } address ? null
        : ServerAddress.Objection(address) is not { } objection ? address
        : throw new ConfigurationException($"cannot use {keys.Server.Path} \"{address}\": {objection}");

    /// <summary>The pin of its certificate; null where none is written.</summary>
    /// <exception cref="ConfigurationException">It is none; the sentence names the key.</exception>
    public static ServerPin? PinOf(ConfigDocument file, LinkKeys keys) =>
        file.Get(keys.ServerPin) is not { } text ? null
        : ServerPin.TryParse(text, out var pin) ? pin
        : throw new ConfigurationException(
            $"cannot use {keys.ServerPin.Path} \"{text}\": it must be {ServerPin.Form}");

    /// <summary>The one-time token; null where none is written.</summary>
    public static SecretToken? TokenOf(ConfigDocument file, LinkKeys keys) =>
        file.Get(keys.EnrollToken) is { } token ? Settings.ParseToken(token, keys.EnrollToken.Path) : null;

    /// <summary>How people call the role; null where nothing names it or its host.</summary>
    public static string? NameOf(ConfigDocument file, LinkKeys keys, string role) =>
        file.Get(keys.Name) ?? (file.Get(DroverYaml.Agent.Name) is { } host ? $"{host}-{role}" : null);
}
