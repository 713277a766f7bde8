using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Routing;
using Drover.Runtime.Configuration;
using Keys = Drover.Configuration.DroverYaml.GatewayAgent;

namespace Drover.Configuration;

/// <summary>
/// Makes one agent's document of its section. Every value is readable by now; what is checked here is what they mean
/// together. Problems stand where the value stands.
/// </summary>
internal sealed class GatewayAgentReader(ConfigDocument document, string name, ConfigEntry entry)
{
    // A key that is written and does nothing would deceive whoever wrote it.
    private static readonly ConfigKey[] OnDemandOnly =
        [Keys.StartupTimeout, Keys.Idle, Keys.Doze, Keys.Hold, Keys.Quiet, Keys.Pinned, Keys.Memory];

    private static readonly ConfigKey[] ManagedOnly = [Keys.Health, Keys.StatusPath];

    /// <summary>The document; means something only while the file has no problems.</summary>
    public AgentDocument Read()
    {
        var policy = entry.Get(Keys.Policy) switch
        {
            "always_on" => AgentPolicy.AlwaysOn,
            "on_demand" => AgentPolicy.OnDemand,
            _ => AgentPolicy.Unmanaged,
        };
        CheckUse(policy);
        CheckRegistration();
        return new AgentDocument
        {
            Name = name,
            Hostnames = ReadHostnames(),
            Target = ReadTarget(policy),
            Policy = policy,
            Protocol = entry.Get(Keys.Protocol) switch
            {
                "http1" => AgentProtocol.Http1,
                "http2" => AgentProtocol.Http2,
                _ => AgentProtocol.Auto,
            },
            Health = ReadHealth(),
            StatusPath = entry.Get(Keys.StatusPath)!,
            StartupTimeout = entry.Get(Keys.StartupTimeout),
            Idle = ReadIdle(),
            DozeAfter = ReadDoze(),
            Hold = ReadHold(),
            Quiet = ReadQuiet(),
            IsPinned = entry.Get(Keys.Pinned),
            Memory = entry.Written(Keys.Memory),
            MaxBody = entry.Written(Keys.MaxBody),
            RegistrationToken = entry.Get(Keys.RegistrationToken),
            Timeouts = ReadTimeouts(),
        };
    }

    private void CheckUse(AgentPolicy policy)
    {
        var useless = policy switch
        {
            AgentPolicy.Unmanaged => [.. ManagedOnly, .. OnDemandOnly],
            AgentPolicy.AlwaysOn => OnDemandOnly,
            _ => [],
        };
        foreach (var key in useless.Where(entry.Has))
        {
            Refuse(key, $"has no meaning for the policy {entry.Get(Keys.Policy)}");
        }
    }

    private void CheckRegistration()
    {
        if (!entry.Has(Keys.RegistrationToken))
        {
            return;
        }

        if (entry.Has(Keys.Address))
        {
            Refuse(Keys.RegistrationToken, "has no meaning beside address: what is registered leads to a task");
        }
        else if (!ReadHostnames().Any(host => host.IsWildcard))
        {
            Refuse(
                Keys.RegistrationToken,
                "has no use without a wildcard among its hostnames, such as *.preview.example.org: within it lies what "
                    + "may be registered");
        }
    }

    private List<HostPattern> ReadHostnames()
    {
        var hosts = new List<HostPattern>();
        foreach (var text in entry.Get(Keys.Hostnames) ?? [])
        {
            // Checked when the value was read.
            HostPattern.TryParse(text, out var host);
            hosts.Add(host);
        }

        return hosts;
    }

    private AgentTarget ReadTarget(AgentPolicy policy)
    {
        if (entry.Get(Keys.Address) is { } address)
        {
            if (policy is not AgentPolicy.Unmanaged)
            {
                Refuse(
                    Keys.Address,
                    $"has no meaning for the policy {entry.Get(Keys.Policy)}, which is for Swarm services; write "
                        + "service and port, or policy: unmanaged");
            }

            if (address.PathAndQuery != "/" || address.UserInfo.Length > 0 || address.Fragment.Length > 0)
            {
                Refuse(Keys.Address, $"is scheme, host and port alone, such as http://10.0.0.7:{address.Port}");
            }

            if (entry.Has(Keys.Port))
            {
                Refuse(Keys.Port, "has no meaning beside address, which has the port in it");
            }

            return new AgentTarget.Fixed(address);
        }

        if (!entry.Has(Keys.Port))
        {
            Refuse(Keys.Service, "needs port, the one that its tasks listen on");
        }

        return new AgentTarget.Service(entry.Get(Keys.Service) ?? "", entry.Get(Keys.Port));
    }

    private HealthDocument ReadHealth() => entry.Get(Keys.Health) is { } health
        ? new HealthDocument
        {
            Path = health.Get(Keys.HealthKeys.Path),
            Port = health.Written(Keys.HealthKeys.Port),
            Period = health.Get(Keys.HealthKeys.Period),
            Timeout = health.Get(Keys.HealthKeys.Timeout),
            FailureThreshold = health.Get(Keys.HealthKeys.FailureThreshold),
        }
        : new HealthDocument();

    private IdleDocument ReadIdle() => entry.Get(Keys.Idle) is { } idle
        ? new IdleDocument
        {
            Timeout = idle.Get(Keys.IdleKeys.Timeout),
            DrainTimeout = idle.Get(Keys.IdleKeys.DrainTimeout),
            OpenWebSocketsCount = idle.Get(Keys.IdleKeys.WebSockets) == "open",
        }
        : new IdleDocument();

    private TimeSpan? ReadDoze()
    {
        var doze = entry.Written(Keys.Doze);
        var stop = ReadIdle().Timeout;
        if (doze >= stop)
        {
            Refuse(
                Keys.Doze,
                $"of {DurationText.Format(doze.Value)} is not shorter than idle.timeout of "
                    + $"{DurationText.Format(stop)}, after which it is stopped");
        }

        return doze;
    }

    private HoldDocument ReadHold()
    {
        if (entry.Get(Keys.Hold) is not { } hold)
        {
            return new HoldDocument();
        }

        var wait = hold.Get(Keys.HoldKeys.Wait);
        var most = hold.Get(Keys.HoldKeys.Most);
        if (most < wait && hold.Has(Keys.HoldKeys.Most))
        {
            document.Refuse(
                hold.PlaceOf(Keys.HoldKeys.Most),
                $"{hold.PathOf(Keys.HoldKeys.Most)} of {DurationText.Format(most)} is shorter than wait of "
                    + $"{DurationText.Format(wait)}");
        }

        return new HoldDocument
        {
            Wait = wait,
            Most = most < wait ? wait : most,
            Requests = hold.Get(Keys.HoldKeys.Requests),
        };
    }

    private QuietDocument ReadQuiet() => entry.Get(Keys.Quiet) is { } quiet
        ? new QuietDocument
        {
            Paths = quiet.Get(Keys.QuietKeys.Paths)!,
            UserAgents = quiet.Get(Keys.QuietKeys.UserAgents) ?? [],
        }
        : new QuietDocument();

    private TimeoutDocument ReadTimeouts() => entry.Get(Keys.Timeouts) is { } timeouts
        ? new TimeoutDocument
        {
            Connect = timeouts.Get(Keys.TimeoutKeys.Connect),
            Response = timeouts.Get(Keys.TimeoutKeys.Response),
            Idle = timeouts.Get(Keys.TimeoutKeys.Idle),
        }
        : new TimeoutDocument();

    private void Refuse(ConfigKey key, string why) =>
        document.Refuse(entry.PlaceOf(key), $"{entry.PathOf(key)} {why}");
}
