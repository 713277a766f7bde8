using Drover.Configuration;
using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Drover.Runtime.Configuration;

namespace Drover.Cli.Tests;

/// <summary><c>gateway</c> of drover.yaml, from text to document.</summary>
public sealed class GatewayConfigurationTests
{
    private const string Agent = "gateway:\n  agents:\n    scout: ";

    [Fact]
    public void Every_key_of_the_gateway_is_read()
    {
        var document = Document(
            """
            gateway:
              listen: 0.0.0.0:8080
              docker_host: unix:///run/other.sock
              network: agents
              forwarded_headers: [forwarded]
              trusted_proxies: [10.0.0.0/8, "2001:db8::/32"]
              drain_timeout: 1m
              tls: { listen: "0.0.0.0:8443", certificate: /etc/tls/cert.pem, key: /etc/tls/key.pem }
              admin: { listen: "0.0.0.0:9090", token: "file:/run/secrets/admin", certificate: /a.pem, key: /b.pem }
              limits: { connections: 10, streams_per_connection: 11, target_size: 2KiB, header_size: 3KiB, headers: 13,
                        header_timeout: 2s, idle_timeout: 3s, slowest_body: 0 }
              capacity: { max_ready: 3, memory: 8GiB }
              webhooks:
                ops: { url: "https://example.org/hook", signing_key: "file:/run/secrets/hook", events: [host.offline] }
                slack: { secret_url: "${SLACK}", format: slack }
              agents:
                scout:
                  hostnames: [scout.example.org, "*.scout.example.org"]
                  policy: on_demand
                  service: stack_scout
                  port: 8081
                  protocol: http2
                  health: { path: /healthz, port: 8082, period: 2s, timeout: 500ms, failure_threshold: 5 }
                  status_path: /status
                  startup_timeout: 90s
                  idle: { timeout: 1h, drain_timeout: 10s, websockets: open }
                  doze: 10m
                  hold: { wait: 2s, most: 20s, requests: 50 }
                  quiet: { paths: [/ping], user_agents: [UptimeRobot] }
                  pinned: true
                  memory: 512MiB
                  max_body: 1GiB
                  timeouts: { connect: 1s, response: 30s, idle: 10m }
            """);

        Assert.Equal(("0.0.0.0:8080", "agents"), (document.Listen, document.Network));
        Assert.Equal(ForwardedForms.Standard, document.Forwarded);
        Assert.Equal(["10.0.0.0/8", "2001:db8::/32"], document.TrustedProxies.Select(one => one.ToString()));
        Assert.Equal(TimeSpan.FromMinutes(1), document.DrainTimeout);
        Assert.Equal(new TlsDocument("0.0.0.0:8443", "/etc/tls/cert.pem", "/etc/tls/key.pem"), document.Tls);
        Assert.Equal(("0.0.0.0:9090", "/a.pem"), (document.Admin.Listen, document.Admin.CertificatePath));
        Assert.Equal("/run/secrets/admin", document.Admin.Token!.FilePath);
        Assert.Equal(
            new ListenerLimits
            {
                Connections = 10,
                StreamsPerConnection = 11,
                TargetBytes = 2048,
                HeaderBytes = 3072,
                Headers = 13,
                HeaderTimeout = TimeSpan.FromSeconds(2),
                IdleTimeout = TimeSpan.FromSeconds(3),
                SlowestBody = 0,
            },
            document.Limits);
        Assert.Equal(new CapacityDocument(3, 8L << 30), document.Capacity);
        Assert.Equal(["ops", "slack"], document.Webhooks.Select(hook => hook.Name));
        Assert.Equal("https://example.org/hook", document.Webhooks[0].Url!.ToString());
        Assert.Equal(["host.offline"], document.Webhooks[0].Events);
        Assert.True(document.Webhooks[1].IsSlack);
        Assert.Equal("${SLACK}", document.Webhooks[1].SecretUrl!.Written);
        CheckAgent(Assert.Single(document.Agents));
    }

    [Fact]
    public void An_agent_needs_no_more_than_a_hostname_a_policy_and_a_place()
    {
        var agent = Assert.Single(Document(
            Agent + "{ hostnames: scout.example.org, policy: unmanaged, address: \"http://10.0.0.7:8081\" }").Agents);

        Assert.Equal("scout.example.org", Assert.Single(agent.Hostnames).ToString());
        Assert.Equal("http://10.0.0.7:8081/", Assert.IsType<AgentTarget.Fixed>(agent.Target).Origin.ToString());
        Assert.Equal(TimeSpan.FromMinutes(5), agent.Timeouts.Response);
        Assert.Null(agent.MaxBody);
    }

    [Fact]
    public void Short_forms_stand_for_the_first_key_of_their_section()
    {
        var agent = Assert.Single(Document(
            Agent + "{ hostnames: a.org, policy: on_demand, service: s, port: 1, health: /up, idle: 5m, hold: 3s }")
            .Agents);

        Assert.Equal("/up", agent.Health.Path);
        Assert.Equal(TimeSpan.FromMinutes(5), agent.Idle.Timeout);
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(30)), (agent.Hold.Wait, agent.Hold.Most));
    }

    [Fact]
    public void A_hostname_is_kept_as_it_goes_over_the_wire() => Assert.Equal(
        ["xn--mnchen-3ya.example.org", "*.example.org"],
        Document(Agent + "{ hostnames: [München.Example.ORG., \"*.EXAMPLE.org\"], policy: unmanaged, "
            + "address: \"http://127.0.0.1:1\" }").Agents[0].Hostnames.Select(host => host.ToString()));

    [Theory]
    [InlineData("{ policy: unmanaged, address: \"http://h:1\" }", "needs the key hostnames")]
    [InlineData("{ hostnames: a.org, address: \"http://h:1\" }", "needs the key policy")]
    [InlineData("{ hostnames: a.org, policy: unmanaged }", "needs one of service, address")]
    [InlineData("{ hostnames: a.org, policy: ondemand, service: s, port: 1 }", "did you mean \"on_demand\"?")]
    [InlineData("{ hostnames: a.org, policy: always_on, service: s }", ".service needs port")]
    [InlineData(
        "{ hostnames: a.org, policy: on_demand, address: \"http://h:1\" }", ".address has no meaning for the policy")]
    [InlineData(
        "{ hostnames: a.org, policy: unmanaged, address: \"http://h:1/x\" }",
        ".address is scheme, host and port alone, such as http://10.0.0.7:1")]
    [InlineData(
        "{ hostnames: a.org, policy: unmanaged, address: \"http://h:1\", port: 2 }", ".port has no meaning beside")]
    [InlineData(
        "{ hostnames: a.org, policy: unmanaged, address: \"http://h:1\", idle: 5m }",
        ".idle has no meaning for the policy unmanaged")]
    [InlineData(
        "{ hostnames: a.org, policy: always_on, service: s, port: 1, doze: 5m }",
        ".doze has no meaning for the policy always_on")]
    [InlineData(
        "{ hostnames: a.org, policy: on_demand, service: s, port: 1, doze: 5m, idle: 4m }",
        ".doze of 5m is not shorter than idle.timeout of 4m")]
    [InlineData(
        "{ hostnames: a.org, policy: on_demand, service: s, port: 1, hold: {wait: 5s, most: 4s} }",
        ".hold.most of 4s is shorter than wait of 5s")]
    [InlineData("{ hostnames: \"a.org:80\", policy: unmanaged, address: \"http://h:1\" }", "without scheme, port and")]
    [InlineData("{ hostnames: \"a.*.org\", policy: unmanaged, address: \"http://h:1\" }", "a star stands alone and")]
    [InlineData("{ hostnames: \"-a.org\", policy: unmanaged, address: \"http://h:1\" }", "is not a hostname")]
    [InlineData(
        "{ hostnames: [a.org, A.ORG], policy: unmanaged, address: \"http://h:1\" }", "\"a.org\" is written twice here")]
    [InlineData(
        "{ hostnames: a.org, policy: on_demand, service: s, port: 1, idle: {timout: 5m} }",
        "did you mean \"timeout\"?")]
    [InlineData(
        "{ hostnames: a.org, policy: on_demand, service: s, port: 1, status_path: health }", "one that begins with /")]
    public void A_mistake_in_an_agent_is_refused_with_its_place(string text, string sentence)
    {
        var problem = Assert.Single(Problems(Agent + text));

        Assert.StartsWith("3:", problem, StringComparison.Ordinal);
        Assert.Contains(sentence, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tls: { listen: \"0.0.0.0:8443\" }", "gateway.tls.listen needs gateway.tls.certificate")]
    [InlineData("tls: { certificate: /c.pem, key: /k.pem }", "has no use without gateway.tls.listen")]
    [InlineData(
        "tls: { listen: \"127.0.0.1:8080\", certificate: /c.pem, key: /k.pem }",
        "gateway.tls.listen \"127.0.0.1:8080\" is where gateway.listen listens")]
    [InlineData("admin: { certificate: /c.pem }", "gateway.admin.certificate needs gateway.admin.key")]
    [InlineData("admin: { key: /k.pem }", "gateway.admin.key needs gateway.admin.certificate")]
    [InlineData("admin: { token: hunter2 }", "secrets do not stand in this file")]
    [InlineData("trusted_proxies: [10.0.0.1/8]", "\"10.0.0.1/8\" is not a network")]
    [InlineData("webhooks: { ops: { format: slack } }", "needs one of url, secret_url")]
    [InlineData("webhooks: { ops: { url: \"http://h.example\" } }", "ops.url: plain http is only used")]
    [InlineData("webhooks: { ops: { url: \"https://me:pw@h\" } }", "ops.url: its address holds a user")]
    [InlineData("webhooks: { ops: { url: \"https://h\", events: [agent.woke] } }", "gateway.webhooks.ops.events takes")]
    [InlineData("capacity: { max_ready: 0 }", "gateway.capacity.max_ready takes a whole number from 1")]
    public void A_mistake_in_the_gateway_is_refused_with_its_place(string text, string sentence)
    {
        var problem = Assert.Single(Problems($"gateway:\n  {text}\n"));

        Assert.StartsWith("2:", problem, StringComparison.Ordinal);
        Assert.Contains(sentence, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hostname_leads_to_one_agent()
    {
        var problem = Assert.Single(Problems(
            """
            gateway:
              agents:
                scout: { hostnames: a.org, policy: unmanaged, address: "http://127.0.0.1:1" }
                guide: { hostnames: A.org., policy: unmanaged, address: "http://127.0.0.1:2" }
            """));

        Assert.Contains("gateway.agents.guide.hostnames: \"a.org\" is written by scout too", problem);
    }

    private static void CheckAgent(AgentDocument agent)
    {
        Assert.Equal(("scout", AgentPolicy.OnDemand, AgentProtocol.Http2), (agent.Name, agent.Policy, agent.Protocol));
        Assert.Equal(["scout.example.org", "*.scout.example.org"], agent.Hostnames.Select(host => host.ToString()));
        Assert.Equal(new AgentTarget.Service("stack_scout", 8081), agent.Target);
        Assert.Equal(
            new HealthDocument
            {
                Path = "/healthz",
                Port = 8082,
                Period = TimeSpan.FromSeconds(2),
                Timeout = TimeSpan.FromMilliseconds(500),
                FailureThreshold = 5,
            },
            agent.Health);
        Assert.Equal("/status", agent.StatusPath);
        Assert.Equal(TimeSpan.FromSeconds(90), agent.StartupTimeout);
        Assert.Equal(
            new IdleDocument
            {
                Timeout = TimeSpan.FromHours(1),
                DrainTimeout = TimeSpan.FromSeconds(10),
                OpenWebSocketsCount = true,
            },
            agent.Idle);
        Assert.Equal(TimeSpan.FromMinutes(10), agent.DozeAfter);
        Assert.Equal(
            new HoldDocument { Wait = TimeSpan.FromSeconds(2), Most = TimeSpan.FromSeconds(20), Requests = 50 },
            agent.Hold);
        Assert.Equal(["/ping"], agent.Quiet.Paths);
        Assert.Equal(["UptimeRobot"], agent.Quiet.UserAgents);
        Assert.True(agent.IsPinned);
        Assert.Equal((512L << 20, 1L << 30), (agent.Memory, agent.MaxBody));
        Assert.Equal(
            new TimeoutDocument
            {
                Connect = TimeSpan.FromSeconds(1),
                Response = TimeSpan.FromSeconds(30),
                Idle = TimeSpan.FromMinutes(10),
            },
            agent.Timeouts);
    }

    private static GatewayDocument Document(string text)
    {
        using var file = new SupervisorFile(text);
        var environment = new EnvironmentVariables(name => name == "SLACK" ? "https://example.org/secret" : null);
        Assert.Empty(Settings.Read(file.Path, environment).Problems);
        return Settings.Load(file.Path, environment).Gateway();
    }

    private static IReadOnlyList<string> Problems(string text) => SupervisorFile.Problems(text);
}
