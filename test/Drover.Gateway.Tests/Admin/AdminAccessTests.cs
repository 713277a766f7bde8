using System.Net;
using Drover.Gateway.Admin;
using Drover.Gateway.Documents;
using Drover.Runtime.Configuration;
using Drover.Runtime.Tls;
using Drover.Testing.Tls;
using Drover.Testing.Time;

namespace Drover.Gateway.Tests.Admin;

/// <summary>Who is heard on the admin listener.</summary>
public sealed class AdminAccessTests
{
    private static readonly string[] NotThere = ["/", "/nothing", "/api/v1/agents/scout/nothing", "/admin/agents"];

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_route_of_the_admin_listener_asks_who_calls_the_metrics_and_the_registrations_too()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Play();
        using var wrong = rig.Holding("not the token of anybody");
        using var agent = rig.Holding(AdminRig.AgentToken);
        var routes = AdminRouteSpecs.All
            .Select(spec => (
                spec.Method,
                Path: PathOf(spec),
                spec.IsForAgents,
                IsForOperators: spec != AdminRouteSpecs.Register && spec != AdminRouteSpecs.Renew))
            .Concat(NotThere.Select(path => (Method: "GET", Path: path, IsForAgents: false, IsForOperators: true)))
            .ToList();

        var answers = new List<string>();
        foreach (var (method, path, isForAgents, isForOperators) in routes)
        {
            answers.Add(
                $"{method} {path}: {await AskAsync(rig.Stranger, method, path)} {await AskAsync(wrong, method, path)} "
                    + $"{IsOpen(await AskAsync(agent, method, path)) == isForAgents} "
                    + $"{IsOpen(await AskAsync(rig.Operator, method, path)) == isForOperators}");
        }

        // Whoever sent too much that is wrong hears 429, and never anything else.
        Assert.All(answers, answer => Assert.Matches(
            "^[A-Z]+ [^ ]+: (Unauthorized|TooManyRequests) (Unauthorized|TooManyRequests) True True$", answer));
        Assert.StartsWith("GET /api/v1/health: Unauthorized Unauthorized", answers[0]);
    }

    [Fact]
    public async Task A_refusal_says_how_to_sign_in_and_nothing_else()
    {
        await using var rig = await AdminRig.StartAsync();
        using var answer = await rig.Stranger.GetAsync(new Uri("/api/v1/agents", UriKind.Relative), Ending);

        Assert.Equal("Bearer realm=\"drover gateway\"", answer.Headers.WwwAuthenticate.ToString());
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.ToString());
        Assert.DoesNotContain("scout", await answer.Content.ReadAsStringAsync(Ending));
    }

    [Fact]
    public async Task An_address_that_sends_many_wrong_tokens_hears_429_and_a_right_one_passes_all_the_same()
    {
        var clock = new FakeClock();
        await using var rig = await AdminRig.StartAsync(time: clock);
        using var wrong = rig.Holding("not the token of anybody");
        for (var time = 0; time < AdminGate.MostFailures; time++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(wrong, "GET", "/api/v1/agents"));
        }

        using var limited = await wrong.GetAsync(new Uri("/api/v1/agents", UriKind.Relative), Ending);
        Assert.Equal(HttpStatusCode.TooManyRequests, limited.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(60), limited.Headers.RetryAfter?.Delta);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(rig.Operator, "GET", "/api/v1/agents"));

        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(wrong, "GET", "/api/v1/agents"));
    }

    [Fact]
    public async Task Without_a_token_in_the_file_one_is_made_that_its_owner_alone_can_read_and_that_stays()
    {
        await using var rig = await AdminRig.StartAsync();
        var path = rig.Listener.TokenPath!;
        var token = await File.ReadAllTextAsync(path, Ending);

        rig.Listener.Reload(new GatewayDocument());

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Matches("^drg_[A-Za-z0-9_-]{43}\n$", token);
        Assert.Equal(token, await File.ReadAllTextAsync(path, Ending));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(rig.Operator, "GET", "/api/v1/agents"));
    }

    [Fact]
    public async Task A_reload_takes_up_a_token_that_was_exchanged_and_keeps_all_when_one_cannot_be_used()
    {
        await using var rig = await AdminRig.StartAsync();
        var file = rig.Directory.File("chosen");
        await File.WriteAllTextAsync(file, "the operators' new token", Ending);
        var chosen = new GatewayDocument { Admin = new AdminDocument { Token = SecretSource.OfFile(file) } };
        rig.Listener.Reload(chosen);
        using var renewed = rig.Holding("the operators' new token");
        Assert.Equal(HttpStatusCode.OK, await AskAsync(renewed, "GET", "/api/v1/agents"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(rig.Operator, "GET", "/api/v1/agents"));

        await File.WriteAllTextAsync(file, "short", Ending);
        var error = Assert.Throws<GatewayStartException>(() => rig.Listener.Reload(chosen));

        Assert.StartsWith($"cannot use gateway.admin.token \"file:{file}\": it has fewer than 16 ", error.Message);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(renewed, "GET", "/api/v1/agents"));
    }

    [Fact]
    public async Task A_token_opens_one_door_two_agents_with_one_and_an_agent_with_the_operators_are_refused()
    {
        await using var rig = await AdminRig.StartAsync();
        var scout = AdminRig.Managed(rig.Directory);
        var twin = AdminRig.Managed(rig.Directory, "guide");
        var thief = scout with { RegistrationToken = SecretSource.OfFile(rig.Listener.TokenPath!) };

        var twins = Assert.Throws<GatewayStartException>(
            () => rig.Listener.Reload(new GatewayDocument { Agents = [scout, twin] }));
        var stolen = Assert.Throws<GatewayStartException>(
            () => rig.Listener.Reload(new GatewayDocument { Agents = [thief] }));

        Assert.Equal(
            "cannot use gateway.agents.guide.registration_token: the agent \"scout\" has the same; a token says which "
                + "agent registers",
            twins.Message);
        Assert.Contains("it is the operators' own token", stolen.Message);
    }

    [Fact]
    public async Task With_a_certificate_the_admin_listener_speaks_tls_and_nothing_else()
    {
        using var shown = TestCertificate.Make();
        await using var rig = await AdminRig.StartAsync(directory =>
        {
            shown.WriteTo(directory.File("c.pem"), directory.File("k.pem"));
            return new GatewayDocument
            {
                Admin = new AdminDocument
                {
                    CertificatePath = directory.File("c.pem"),
                    KeyPath = directory.File("k.pem"),
                },
            };
        });
        using var plain = new HttpClient();
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new ServerTrust(shown.Pin).OptionsFor(rig.Address, TimeProvider.System),
        });

        using var answer = await client.GetAsync(rig.Address, Ending);

        Assert.Equal("https", rig.Address.Scheme);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(
            () => plain.GetAsync(new Uri($"http://{rig.Address.Authority}/"), Ending));
    }

    [Fact]
    public async Task On_the_socket_of_this_machine_its_own_user_needs_no_token()
    {
        await using var rig = await AdminRig.StartAsync();

        var agents = await rig.Client.ListAgentsAsync(Ending);

        Assert.Equal("scout", Assert.Single(agents).Name);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(AdminSocket.PathIn(rig.Directory.Path)));
    }

    private static bool IsOpen(HttpStatusCode status) =>
        status is not HttpStatusCode.Unauthorized and not HttpStatusCode.Forbidden;

    private static string PathOf(AdminRouteSpec spec) =>
        spec.Template.Replace("{name}", "scout", StringComparison.Ordinal)
            .Replace("{hostname}", "a.scout.test", StringComparison.Ordinal)
            + (spec.Template.EndsWith("/wake", StringComparison.Ordinal)
                || spec.Template.EndsWith("/sleep", StringComparison.Ordinal)
                ? "?wait=0"
                : "");

    private static async Task<HttpStatusCode> AskAsync(HttpClient client, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ending);
        return answer.StatusCode;
    }
}
