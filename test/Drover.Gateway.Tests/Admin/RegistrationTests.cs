using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Registration;
using Drover.Gateway.Tests.Rig;
using Drover.Runtime.Configuration;
using Drover.Testing.Docker;
using Drover.Testing.Time;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.Tests.Admin;

/// <summary>Hostnames that agents register while they run.</summary>
public sealed class RegistrationTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agent_registers_a_hostname_within_its_wildcard_for_a_time_and_renews_it_by_asking_again()
    {
        var clock = new FakeClock();
        await using var rig = await AwakeAsync(clock);
        using var agent = rig.Holding(AdminRig.AgentToken);

        var (first, made) = await RegisterAsync(agent, "a.scout.test", 3000, ttl: 60);
        clock.Advance(TimeSpan.FromSeconds(30));
        var (second, renewed) = await RegisterAsync(agent, "A.Scout.Test.", 3000, ttl: 60);
        using var put = await agent.PutAsync(new Uri("/api/services/a.scout.test", UriKind.Relative), null, Ending);

        Assert.Equal((201, 200, 200), (first, second, (int)put.StatusCode));
        Assert.Equal("a.scout.test", made.GetProperty("hostname").GetString());
        Assert.True(made.GetProperty("active").GetBoolean());
        Assert.Equal(
            TimeSpan.FromSeconds(30),
            renewed.GetProperty("expires_at").GetDateTimeOffset() - made.GetProperty("expires_at").GetDateTimeOffset());
        var route = Assert.Single(rig.Routes.Table.All, route => route.IsRegistered);
        Assert.Equal((rig.Seat(), 3000), (route.Agent, route.Port));
    }

    [Fact]
    public async Task A_lease_that_is_not_renewed_ends_by_itself()
    {
        var clock = new FakeClock();
        await using var rig = await AwakeAsync(clock);
        using var agent = rig.Holding(AdminRig.AgentToken);
        await RegisterAsync(agent, "a.scout.test", 3000, ttl: 60);

        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(Find(rig, "a.scout.test"));
        clock.Advance(TimeSpan.FromSeconds(1));

        await UntilAsync(() => Find(rig, "a.scout.test") is null, "the route goes with its lease");
        Assert.Equal(0, (await rig.GetAsync("/api/services")).GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("scout.test", "drover.yaml says where it leads")]
    [InlineData("b.guide.test", "it does not lie within *.scout.test")]
    [InlineData("guide.test", "drover.yaml says where it leads")]
    [InlineData("x.inner.scout.test", "it does not lie within *.scout.test")]
    [InlineData("*.inner.scout.test", "it does not lie within *.scout.test")]
    [InlineData("*.test", "it does not lie within *.scout.test")]
    [InlineData("localhost", "it does not lie within *.scout.test")]
    [InlineData("169.254.169.254", "it does not lie within *.scout.test")]
    [InlineData("metadata.google.internal", "it does not lie within *.scout.test")]
    [InlineData("ascout.test", "it does not lie within *.scout.test")]
    public async Task A_hostname_that_is_not_the_agents_own_is_refused(string hostname, string why)
    {
        await using var rig = await AwakeAsync(new FakeClock(), directory =>
        [
            AdminRig.Managed(directory),
            AdminRig.Managed(directory, "guide") with { RegistrationToken = null },
            AdminRig.Managed(directory, "inner") with
            {
                RegistrationToken = null, Hostnames = [GatewayRig.Host("*.inner.scout.test")],
            },
        ]);
        using var agent = rig.Holding(AdminRig.AgentToken);

        var (status, problem) = await RegisterAsync(agent, hostname, 3000);

        Assert.Equal(403, status);
        Assert.StartsWith($"cannot register \"{hostname}\": ", problem.GetProperty("detail").GetString());
        Assert.Contains(why, problem.GetProperty("detail").GetString());
        Assert.DoesNotContain(rig.Routes.Table.All, route => route.IsRegistered);
    }

    [Theory]
    [InlineData("""{"hostname":"a.scout.test","port":80,"target":"http://127.0.0.1:80"}""", "\"target\" would name a")]
    [InlineData("""{"hostname":"a.scout.test","port":80,"target":"http://localhost"}""", "\"target\" would name a")]
    [InlineData("""{"hostname":"a.scout.test","port":80,"url":"http://169.254.169.254/"}""", "\"url\" would name a")]
    [InlineData("""{"hostname":"a.scout.test","port":80,"Address":"fe80::1"}""", "\"Address\" would name a target")]
    [InlineData("""{"hostname":"a.scout.test","port":80,"host":"rebinding.example"}""", "\"host\" would name a target")]
    [InlineData("""{"hostname":"a.scout.test","port":80,"agent":"guide"}""", "\"agent\" would name a target")]
    [InlineData("""{"hostname":"a.scout.test","port":80,"redirect":"x"}""", "unknown field \"redirect\"")]
    [InlineData("""{"hostname":"a.scout.test","port":"80@127.0.0.1"}""", "the value of \"port\" is not valid")]
    [InlineData("""{"hostname":"a.scout.test","port":0}""", "port is the one of the agent's own task, 1 to 65535")]
    [InlineData("""{"hostname":"a.scout.test","port":65536}""", "port is the one of the agent's own task, 1 to 65535")]
    [InlineData("""{"hostname":"a.scout.test"}""", "port is the one of the agent's own task, 1 to 65535")]
    [InlineData("""{"hostname":"a.scout.test:8080","port":80}""", "is more than a hostname")]
    [InlineData("""{"hostname":"http://a.scout.test","port":80}""", "is more than a hostname")]
    [InlineData("""{"hostname":"a.scout.test/x","port":80}""", "is more than a hostname")]
    [InlineData("""{"hostname":"[::1]","port":80}""", "is more than a hostname")]
    [InlineData("""{"hostname":"a@scout.test","port":80}""", "is not a hostname")]
    [InlineData("""{"port":80}""", "hostname is missing")]
    [InlineData("""{"hostname":"a.scout.test","port":80,"ttl_seconds":9}""", "ttl_seconds is 10 to 86400, not 9")]
    [InlineData("""{"hostname":"a.scout.test","port":80,"ttl_seconds":86401}""", "ttl_seconds is 10 to 86400")]
    [InlineData("[]", "cannot read the body")]
    [InlineData("", "cannot read the body: it is empty")]
    public async Task Whatever_could_lead_elsewhere_than_to_the_agents_own_task_is_refused_in_a_sentence(
        string body, string why)
    {
        await using var rig = await AwakeAsync(new FakeClock());
        using var agent = rig.Holding(AdminRig.AgentToken);

        var (status, problem) = await PostAsync(agent, body);

        Assert.Equal(400, status);
        Assert.Contains(why, problem.GetProperty("detail").GetString());
        Assert.DoesNotContain(rig.Routes.Table.All, route => route.IsRegistered);
    }

    [Fact]
    public async Task An_agents_token_registers_for_that_agent_alone_and_sees_and_ends_only_its_own()
    {
        await using var rig = await AwakeAsync(new FakeClock(), Two);
        using var scout = rig.Holding(AdminRig.AgentToken);
        using var guide = rig.Holding("the token of the other agent");
        await RegisterAsync(scout, "a.scout.test", 3000);
        await RegisterAsync(guide, "a.guide.test", 3000);

        var (foreign, _) = await RegisterAsync(guide, "b.scout.test", 3000);
        using var list = await guide.GetAsync(new Uri("/api/services", UriKind.Relative), Ending);
        using var renew = await guide.PutAsync(new Uri("/api/services/a.scout.test", UriKind.Relative), null, Ending);
        using var ended = await guide.DeleteAsync(new Uri("/api/services/a.scout.test", UriKind.Relative), Ending);
        using var own = await guide.DeleteAsync(new Uri("/api/services/a.guide.test", UriKind.Relative), Ending);

        Assert.Equal(
            (403, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.NoContent),
            (foreign, renew.StatusCode, ended.StatusCode, own.StatusCode));
        Assert.DoesNotContain("scout", await list.Content.ReadAsStringAsync(Ending));
        Assert.NotNull(Find(rig, "a.scout.test"));
        Assert.Null(Find(rig, "a.guide.test"));
    }

    [Fact]
    public async Task Operators_see_and_end_registrations_and_make_none()
    {
        await using var rig = await AwakeAsync(new FakeClock());
        using var agent = rig.Holding(AdminRig.AgentToken);
        await RegisterAsync(agent, "a.scout.test", 3000);

        var (made, _) = await RegisterAsync(rig.Operator, "b.scout.test", 3000);
        var routes = (await rig.GetAsync("/api/v1/routes")).GetProperty("items").EnumerateArray().ToList();
        using var ended = await rig.Operator.DeleteAsync(
            new Uri("/api/services/a.scout.test", UriKind.Relative), Ending);

        Assert.Equal((403, HttpStatusCode.NoContent), (made, ended.StatusCode));
        var route = Assert.Single(routes, route => route.GetProperty("registered").GetBoolean());
        Assert.Equal(3000, route.GetProperty("port").GetInt32());
        Assert.True(route.TryGetProperty("expires_at", out _));
        Assert.Null(Find(rig, "a.scout.test"));
    }

    [Fact]
    public async Task What_an_agent_registered_is_purged_when_it_sleeps_and_restored_with_its_whole_time_when_it_wakes()
    {
        var clock = new FakeClock();
        await using var rig = await AwakeAsync(clock);
        using var agent = rig.Holding(AdminRig.AgentToken);
        await RegisterAsync(agent, "a.scout.test", 3000, ttl: 60);

        rig.Seat().View = new AgentView(AgentState.Sleeping) { IsDozing = true };
        await UntilAsync(() => ExpiresAt(rig) is null, "its time stands still");
        Assert.NotNull(Find(rig, "a.scout.test"));
        rig.Seat().View = new AgentView(AgentState.Sleeping);
        await UntilAsync(() => Find(rig, "a.scout.test") is null, "its routes are purged");

        clock.Advance(TimeSpan.FromHours(5));
        rig.Seat().View = new AgentView(AgentState.Starting);
        await UntilAsync(() => Find(rig, "a.scout.test") is not null, "its routes are restored");
        Assert.Null(ExpiresAt(rig));
        rig.Seat().View = new AgentView(AgentState.Ready);

        await UntilAsync(() => ExpiresAt(rig) is not null, "its time begins anew");
        Assert.Equal(clock.GetUtcNow() + TimeSpan.FromSeconds(60), ExpiresAt(rig));
    }

    [Fact]
    public async Task A_restart_of_the_gateway_keeps_the_leases_that_have_not_ended_and_no_others()
    {
        var clock = new FakeClock();
        await using var rig = await AwakeAsync(clock);
        using var agent = rig.Holding(AdminRig.AgentToken);
        await RegisterAsync(agent, "short.scout.test", 3000, ttl: 60);
        await RegisterAsync(agent, "long.scout.test", 4000, ttl: 600);
        clock.Advance(TimeSpan.FromSeconds(61));
        var routes = new Drover.Gateway.Routing.Routes();
        using var agents = AdminRig.AgentsOf(rig.Document, routes, rig.Events, clock);
        agents.Find("scout")!.View = new AgentView(AgentState.Ready);

        _ = new Registrar(agents, routes, new GatewayPaths(rig.Directory.Path).Registrations, clock);

        var route = Assert.Single(routes.Table.All, route => route.IsRegistered);
        Assert.Equal(("long.scout.test", 4000), (route.Pattern.ToString(), route.Port));
    }

    [Fact]
    public async Task A_reload_that_takes_the_wildcard_away_takes_what_was_registered_within_it()
    {
        await using var rig = await AwakeAsync(new FakeClock());
        using var agent = rig.Holding(AdminRig.AgentToken);
        await RegisterAsync(agent, "a.scout.test", 3000);

        rig.Agents.Apply(new GatewayDocument
        {
            Agents = [AdminRig.Managed(rig.Directory) with { Hostnames = [GatewayRig.Host("scout.test")] }],
        });
        rig.Listener.Reloaded();

        Assert.Null(Find(rig, "a.scout.test"));
    }

    [Fact]
    public async Task An_agent_has_so_many_hostnames_at_most_and_registers_so_often_at_most()
    {
        var clock = new FakeClock();
        await using var rig = await AwakeAsync(clock);
        using var agent = rig.Holding(AdminRig.AgentToken);
        for (var number = 0; number < Registrar.MostOfAnAgent; number++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(201, (await RegisterAsync(agent, $"n{number}.scout.test", 3000)).Status);
        }

        clock.Advance(TimeSpan.FromSeconds(1));
        var (over, problem) = await RegisterAsync(agent, "one-more.scout.test", 3000);
        var statuses = new List<int>();
        for (var time = 0; time < 60; time++)
        {
            statuses.Add((await RegisterAsync(agent, "n0.scout.test", 3000)).Status);
        }

        Assert.Equal(409, over);
        Assert.Contains("has 100 hostnames already", problem.GetProperty("detail").GetString());
        Assert.Equal([200, 429], statuses.Distinct());
    }

    [Fact]
    public async Task A_registered_hostname_leads_to_that_port_of_the_agents_task_and_redirects_go_to_the_client()
    {
        await using var main = await PlayedAgent.StartAsync(context => context.Response.WriteAsync("main"));
        await using var preview = await PlayedAgent.StartAsync(context =>
        {
            context.Response.Redirect("http://169.254.169.254/latest/meta-data/");
            return Task.CompletedTask;
        });
        await using var rig = await ColdRig.StartAsync(Wild);
        rig.Life.Serve(main.Origin);
        rig.Routes.Register(rig.Seat, [Registered(rig, preview)]);
        using var request = rig.Request("/");
        request.Headers.Host = "a.scout.test";

        using var answer = await rig.SendAsync(request);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("http://169.254.169.254/latest/meta-data/", answer.Headers.Location?.ToString());
    }

    [Fact]
    public async Task After_a_wake_a_registered_hostname_leads_to_the_new_task_and_a_request_that_woke_it_too()
    {
        await using var main = await PlayedAgent.StartAsync(context => context.Response.WriteAsync("main"));
        await using var preview = await PlayedAgent.StartAsync(context => context.Response.WriteAsync("preview"));
        await using var rig = await ColdRig.StartAsync(Wild);
        rig.Life.OnWake = () =>
        {
            rig.Life.Start();
            rig.Routes.Register(rig.Seat, [Registered(rig, preview)]);
        };
        using var request = rig.Request("/", ("Prefer", "wait=20"));
        request.Headers.Host = "a.scout.test";

        var answering = rig.SendAsync(request);
        await rig.UntilStartingAsync();
        rig.Life.Serve(main.Origin);

        Assert.Equal((HttpStatusCode.OK, "preview"), await ColdRig.ReadAsync(answering));
    }

    [Fact]
    public async Task Defect_12_work_on_a_registered_hostname_is_work_of_its_agent_and_keeps_it_awake()
    {
        using var next = new SemaphoreSlim(0);
        await using var preview = await PlayedAgent.StartAsync(async context =>
        {
            await next.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("done", context.RequestAborted);
        });
        var clock = new FakeClock();
        await using var rig = await ColdRig.StartAsync(Wild, clock);
        rig.Life.Serve(new Uri("http://127.0.0.1:1"));
        rig.Routes.Register(rig.Seat, [Registered(rig, preview)]);
        clock.Advance(TimeSpan.FromHours(1));
        using var request = rig.Request("/");
        request.Headers.Host = "a.scout.test";

        var answering = rig.SendAsync(request);
        await ColdRig.UntilAsync(() => rig.Seat.Activity.Open == 1, "the request to be the agent's work");
        next.Release();

        Assert.Equal((HttpStatusCode.OK, "done"), await ColdRig.ReadAsync(answering));
        await ColdRig.UntilAsync(() => rig.Seat.Activity.Open == 0, "the request to end");
        Assert.Equal(TimeSpan.Zero, rig.Seat.Activity.SinceLast);
    }

    private static AgentDocument Wild => ColdRig.Agent() with
    {
        Hostnames = [GatewayRig.Host("scout.test"), GatewayRig.Host("*.scout.test")],
    };

    private static Drover.Gateway.Routing.Route Registered(ColdRig rig, PlayedAgent preview) =>
        new(GatewayRig.Host("a.scout.test"), rig.Seat) { Port = preview.Origin.Port, IsRegistered = true };

    private static IReadOnlyList<AgentDocument> Two(Drover.Testing.Agents.TemporaryDirectory directory)
    {
        File.WriteAllText(directory.File("other"), "the token of the other agent");
        return
        [
            AdminRig.Managed(directory),
            AdminRig.Managed(directory, "guide") with
            {
                RegistrationToken = SecretSource.OfFile(directory.File("other")),
            },
        ];
    }

    private static async Task<AdminRig> AwakeAsync(
        FakeClock clock,
        Func<Drover.Testing.Agents.TemporaryDirectory, IReadOnlyList<AgentDocument>>? agents = null)
    {
        var rig = await AdminRig.StartAsync(
            directory => new GatewayDocument { Agents = agents?.Invoke(directory) ?? [AdminRig.Managed(directory)] },
            clock);
        foreach (var seat in rig.Agents.All)
        {
            seat.View = new AgentView(AgentState.Ready);
        }

        return rig;
    }

    private static Drover.Gateway.Routing.Route? Find(AdminRig rig, string hostname) =>
        rig.Routes.Table.Find(hostname) is { IsRegistered: true } route ? route : null;

    private static DateTimeOffset? ExpiresAt(AdminRig rig) => Assert.Single(rig.Listener.Registrar.All).ExpiresAt;

    private static Task UntilAsync(Func<bool> condition, string what) =>
        Eventually.TrueAsync(() => Task.FromResult(condition()), what, Ending);

    private static Task<(int Status, JsonElement Body)> RegisterAsync(
        HttpClient client, string hostname, int port, int? ttl = null) => PostAsync(
            client,
            $$"""{"hostname":"{{hostname}}","port":{{port}}{{(ttl is null ? "" : $",\"ttl_seconds\":{ttl}")}}}""");

    private static async Task<(int Status, JsonElement Body)> PostAsync(HttpClient client, string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await client.PostAsync(new Uri("/api/services", UriKind.Relative), content, Ending);
        return ((int)answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ending)).RootElement);
    }
}
