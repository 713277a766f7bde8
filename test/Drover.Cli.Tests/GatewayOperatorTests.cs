using System.Text.Json;
using Drover.Core.Agents;
using Drover.Gateway;
using Drover.Gateway.Documents;
using Drover.Gateway.Routing;
using Drover.Testing.Agents;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Cli.Tests;

/// <summary>The verbs by which a person speaks to a running gateway.</summary>
public sealed class GatewayOperatorTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _data = new();
    private GatewayRole _gateway = null!;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.Null(HostPattern.TryParse("scout.test", out var hostname));
        var document = new GatewayDocument
        {
            Listen = "127.0.0.1:0",
            Admin = new AdminDocument { Listen = "127.0.0.1:0" },
            Agents =
            [
                new AgentDocument
                {
                    Name = "scout",
                    Hostnames = [hostname],
                    Target = new AgentTarget.Fixed(new Uri("http://127.0.0.1:1")),
                    Policy = AgentPolicy.Unmanaged,
                },
            ],
        };
        _gateway = await GatewayRole.StartAsync(
            new GatewayOptions { DataDirectory = _data.Path, Document = document, Reread = () => document },
            NullLoggerFactory.Instance,
            TimeProvider.System,
            Ending);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task On_the_gateways_own_machine_the_verbs_need_no_sign_in_and_no_configuration()
    {
        var table = Here();
        var json = Here();

        Assert.Equal(ExitCode.Ok, await table.RunAsync("gateway", "agents"));
        Assert.Equal(ExitCode.Ok, await json.RunAsync("gateway", "agents", "--output", "json"));

        Assert.Matches(
            "^AGENT +STATE +SINCE +POLICY +OPEN +IDLE +HOSTNAMES +NOTE\nscout +ready +- +unmanaged +0 +0s +scout.test",
            table.Out.ToString());
        var agent = Assert.Single(JsonDocument.Parse(json.Out.ToString()).RootElement.EnumerateArray());
        Assert.Equal("ready", agent.GetProperty("state").GetString());
    }

    [Fact]
    public async Task An_agent_and_the_routes_are_shown_whole_and_as_json()
    {
        var agent = Here();
        var routes = Here();
        var json = Here();

        Assert.Equal(ExitCode.Ok, await agent.RunAsync("gateway", "inspect", "scout"));
        Assert.Equal(ExitCode.Ok, await routes.RunAsync("gateway", "routes"));
        Assert.Equal(ExitCode.Ok, await json.RunAsync("gateway", "inspect", "scout", "-o", "json"));

        Assert.Contains("address         http://127.0.0.1:1\n", agent.Out.ToString());
        Assert.Contains("timeouts        connect 5s, response 5m, idle 0\n", agent.Out.ToString());
        Assert.EndsWith("scout.test  scout     -  drover.yaml  -\n", routes.Out.ToString());
        Assert.Equal(
            "5s",
            JsonDocument.Parse(json.Out.ToString()).RootElement
                .GetProperty("settings").GetProperty("connect_timeout").GetString());
    }

    [Theory]
    [InlineData("wake", "drover: cannot wake the agent \"scout\": its policy is unmanaged")]
    [InlineData("sleep", "drover: cannot put to sleep the agent \"scout\": its policy is unmanaged")]
    public async Task What_the_gateway_refuses_is_a_sentence_and_an_exit_code(string verb, string sentence)
    {
        var run = Here();

        Assert.Equal(ExitCode.Failed, await run.RunAsync("gateway", verb, "scout"));

        Assert.StartsWith(sentence, run.Error.ToString());
    }

    [Fact]
    public async Task An_agent_there_is_not_is_told_apart_and_the_nearest_is_named()
    {
        var run = Here();

        Assert.Equal(ExitCode.NotFound, await run.RunAsync("gateway", "inspect", "scuot"));

        Assert.Equal(
            "drover: cannot find the agent \"scuot\": there is none of that name; did you mean \"scout\"?\n"
                + "hint: `drover gateway agents` shows them\n",
            run.Error.ToString());
    }

    [Fact]
    public async Task Where_no_gateway_runs_the_verbs_say_so_and_end_with_3()
    {
        using var elsewhere = new TemporaryDirectory();
        var run = new CliRun().With("DROVER_DATA_DIR", elsewhere.Path);

        Assert.Equal(ExitCode.NotReachable, await run.RunAsync("gateway", "agents"));

        Assert.StartsWith(
            $"drover: cannot reach the gateway: at \"{elsewhere.Path}/gateway/admin.sock\" none listens\n"
                + "hint: start it with `drover gateway`;",
            run.Error.ToString());
    }

    [Fact]
    public async Task A_gateway_elsewhere_is_reached_by_its_address_and_a_file_with_its_token()
    {
        var wrong = _data.File("wrong");
        await File.WriteAllTextAsync(wrong, "not the token of anybody", Ending);
        var right = Elsewhere(_gateway.AdminTokenPath!);
        var refused = Elsewhere(wrong);
        var tokenless = new CliRun().With("DROVER_GATEWAY", _gateway.AdminListen);

        Assert.Equal(ExitCode.Ok, await right.RunAsync("gateway", "agents"));
        Assert.Equal(ExitCode.Refused, await refused.RunAsync("gateway", "agents"));
        Assert.Equal(ExitCode.ConfigInvalid, await tokenless.RunAsync("gateway", "agents"));

        Assert.Contains("scout", right.Out.ToString());
        Assert.StartsWith(
            $"drover: cannot sign in at the gateway: the token in \"{wrong}\" is wrong\n", refused.Error.ToString());
        Assert.Contains("DROVER_GATEWAY_TOKEN_FILE", tokenless.Error.ToString());
    }

    [Fact]
    public async Task A_token_is_not_sent_over_plain_http_beyond_this_machine()
    {
        var run = Elsewhere(_gateway.AdminTokenPath!).With("DROVER_GATEWAY", "http://192.0.2.1:9090");

        Assert.Equal(ExitCode.ConfigInvalid, await run.RunAsync("gateway", "agents"));

        Assert.Contains("plain HTTP would show the token to the network", run.Error.ToString());
    }

    [Fact]
    public async Task Completion_offers_the_agents_of_the_running_gateway()
    {
        var run = Here();

        Assert.Equal(ExitCode.Ok, await run.RunAsync("[suggest:20]", "drover gateway wake "));

        Assert.Contains("scout", run.Out.ToString().Split('\n'));
    }

    private CliRun Here() => new CliRun().With("DROVER_DATA_DIR", _data.Path);

    private CliRun Elsewhere(string tokenFile) => new CliRun()
        .With("DROVER_GATEWAY", _gateway.AdminListen).With("DROVER_GATEWAY_TOKEN_FILE", tokenFile);
}
