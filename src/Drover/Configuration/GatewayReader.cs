using System.Net;
using Drover.Gateway.Documents;
using Drover.Gateway.Routing;
using Drover.Runtime.Configuration;
using Keys = Drover.Configuration.DroverYaml.Gateway;

namespace Drover.Configuration;

/// <summary>
/// Makes the gateway's document of what the file says: what agents mean together here, each agent by
/// <see cref="GatewayAgentReader"/>. What is wrong is added to the file's problems.
/// </summary>
internal static class GatewayReader
{
    /// <summary>The document; null when anything is wrong with the file.</summary>
    public static GatewayDocument? Read(ConfigDocument document)
    {
        if (document.Problems.Count > 0)
        {
            // Values that could not be read would be taken for values that are missing.
            return null;
        }

        var entries = document.Get(Keys.Agents) ?? [];
        var agents =
            entries.Select(entry => new GatewayAgentReader(document, entry.Name, entry.Value).Read()).ToList();
        CheckHostnames(document, entries, agents);
        CheckListeners(document);
        var webhooks = WebhookReader.Read(document, Keys.Webhooks);
        var tls = ReadTls(document);
        var admin = ReadAdmin(document);
        return document.Problems.Count > 0 ? null : new GatewayDocument
        {
            Listen = document.Get(Keys.Listen)!,
            Tls = tls,
            Admin = admin,
            Network = document.Get(Keys.Network),
            Forwarded = FormsOf(document.Get(Keys.Forwarded)!),
            TrustedProxies =
                [.. (document.Get(Keys.TrustedProxies) ?? []).Select(text => IPNetwork.Parse(text))],
            Limits = ReadLimits(document),
            DrainTimeout = document.Get(Keys.DrainTimeout),
            Capacity = new CapacityDocument(
                document.Has(Keys.MaxReady) ? document.Get(Keys.MaxReady) : null,
                document.Has(Keys.Memory) ? document.Get(Keys.Memory) : null),
            Webhooks = webhooks,
            Agents = agents,
        };
    }

    private static void CheckHostnames(
        ConfigDocument document, IReadOnlyList<ConfigNamed<ConfigEntry>> entries, IReadOnlyList<AgentDocument> agents)
    {
        var owners = new Dictionary<HostPattern, string>();
        foreach (var (entry, agent) in entries.Zip(agents))
        {
            foreach (var host in agent.Hostnames)
            {
                if (owners.TryAdd(host, agent.Name))
                {
                    continue;
                }

                var owner = owners[host] == agent.Name ? "twice here" : $"by {owners[host]} too";
                document.Refuse(
                    entry.Value.PlaceOf(DroverYaml.GatewayAgent.Hostnames),
                    $"{entry.Value.PathOf(DroverYaml.GatewayAgent.Hostnames)}: \"{host}\" is written {owner}; a name "
                        + "leads to one agent");
            }
        }
    }

    private static void CheckListeners(ConfigDocument document)
    {
        var listeners = new[] { Keys.Listen, Keys.TlsListen, Keys.AdminListen };
        var seen = new Dictionary<IPEndPoint, ConfigKey>();
        foreach (var key in listeners)
        {
            if (document.Get(key) is { } text
                && IPEndPoint.Parse(text) is { Port: > 0 } at
                && !seen.TryAdd(at, key))
            {
                document.Refuse($"{key.Path} \"{text}\" is where {seen[at].Path} listens; choose another port");
            }
        }
    }

    private static TlsDocument? ReadTls(ConfigDocument document)
    {
        var listen = document.Get(Keys.TlsListen);
        var certificate = document.Get(Keys.TlsCertificate);
        var key = document.Get(Keys.TlsKey);
        if (listen is not null && certificate is not null && key is not null)
        {
            return new TlsDocument(listen, certificate, key);
        }

        if (listen is not null)
        {
            document.Refuse(
                $"{Keys.TlsListen.Path} needs {(certificate is null ? Keys.TlsCertificate : Keys.TlsKey).Path}, the "
                    + $"file with the certificate{(certificate is null ? "" : "'s key")}");
        }
        else if (certificate is not null || key is not null)
        {
            document.Refuse(
                $"{(certificate is null ? Keys.TlsKey : Keys.TlsCertificate).Path} has no use without "
                    + $"{Keys.TlsListen.Path}, the address to listen on");
        }

        return null;
    }

    private static AdminDocument ReadAdmin(ConfigDocument document)
    {
        var listen = document.Get(Keys.AdminListen)!;
        var certificate = document.Get(Keys.AdminCertificate);
        var key = document.Get(Keys.AdminKey);
        if (certificate is null != key is null)
        {
            document.Refuse(certificate is null
                ? $"{Keys.AdminKey.Path} needs {Keys.AdminCertificate.Path}, the file with its certificate"
                : $"{Keys.AdminCertificate.Path} needs {Keys.AdminKey.Path}, the file with its private key");
        }

        return new AdminDocument
        {
            Listen = listen,
            Token = document.Get(Keys.AdminToken),
            CertificatePath = certificate,
            KeyPath = key,
        };
    }

    private static ListenerLimits ReadLimits(ConfigDocument document) => new()
    {
        Connections = document.Get(Keys.Connections),
        StreamsPerConnection = document.Get(Keys.Streams),
        TargetBytes = (int)document.Get(Keys.TargetSize),
        HeaderBytes = (int)document.Get(Keys.HeaderSize),
        Headers = document.Get(Keys.Headers),
        HeaderTimeout = document.Get(Keys.HeaderTimeout),
        IdleTimeout = document.Get(Keys.IdleTimeout),
        SlowestBody = document.Get(Keys.SlowestBody),
    };

    private static ForwardedForms FormsOf(IReadOnlyList<string> names) =>
        (names.Contains(Keys.XForwarded) ? ForwardedForms.XForwarded : 0)
        | (names.Contains(Keys.Standard) ? ForwardedForms.Standard : 0);
}
