using System.Net;
using System.Text.Json;
using Drover.Testing.Legacy;

namespace Drover.EndToEnd.Legacy;

/// <summary>
/// A scripted agent of the older protocol at our published server, with the command line as its people.
/// </summary>
public sealed class OldAgentTests
{
    [Fact]
    public async Task An_old_agent_registers_with_a_token_and_does_what_the_command_line_orders()
    {
        await using var machine = await ServerAsync();
        using var agent = await JoinAsync(machine);
        await agent.WaitAsync();

        var host = (await machine.RunAsync("hosts", "-o", "json")).MustBe(0).Json.EnumerateArray().Single();
        Assert.Equal("old-box", host.GetProperty("name").GetString());
        Assert.True(host.GetProperty("legacy").GetBoolean());
        Assert.Equal("live", host.GetProperty("state").GetString());
        Assert.Contains("legacy", (await machine.RunAsync("hosts")).MustBe(0).Out, StringComparison.Ordinal);

        var restart = machine.RunAsync("restart", "web", "--host", "old-box");
        await ReportAsync(agent, "success", """ "status":"ok","container_state":"running" """);
        (await restart).MustBe(0);

        var logs = machine.RunAsync("logs", "web", "--host", "old-box", "-n", "10");
        await ReportAsync(agent, "success", """
             "cursor":"2026-01-01T00:00:01Z","truncated":false,"lines":[
             {"ts":"2026-01-01T00:00:01Z","stream":"console","message":"token=hunter2hunter2 plain","redacted":false}]
            """);
        var shown = (await logs).MustBe(0).Out;
        Assert.Contains("plain", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", shown, StringComparison.Ordinal);

        var failing = machine.RunAsync("restart", "nothing", "--host", "old-box");
        var command = await agent.CommandAsync();
        await agent.ReportAsync(agent.Report(
            command.GetProperty("command_id").GetString()!,
            "failed",
            null,
            """[{"code":"container_not_found","message":"no container answers to nothing"}]"""));
        var failed = await failing;
        Assert.NotEqual(0, failed.Code);
        Assert.Contains("no container answers to nothing", failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switched_off_on_the_command_line_the_old_agent_gets_the_one_401_and_on_again_it_works()
    {
        await using var machine = await ServerAsync();
        using var agent = await JoinAsync(machine);
        Assert.Equal(HttpStatusCode.OK, (await agent.WaitAsync()).Status);

        (await machine.RunAsync("hosts", "legacy", "old-box", "off")).MustBe(0);
        var refused = await agent.WaitAsync();
        using var stranger = new OldAgent(
            new Uri(machine.Address), Guid.NewGuid().ToString(), new string('x', 43), agent.DeploymentHash);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        Assert.Equal(await stranger.WaitAsync(), refused);

        (await machine.RunAsync("hosts", "legacy", "old-box", "on")).MustBe(0);
        Assert.Equal(HttpStatusCode.OK, (await agent.WaitAsync()).Status);
        var audit = (await machine.RunAsync("audit", "list", "-o", "json")).MustBe(0).Json.EnumerateArray()
            .Where(entry => entry.GetProperty("action").GetString() == "host.legacy");
        Assert.Equal(2, audit.Count());
        (await machine.RunAsync("hosts", "legacy", "old-box", "maybe")).MustBe(2);
        (await machine.RunAsync("hosts", "legacy", "nobody", "on")).MustBe(5);
    }

    [Fact]
    public async Task Registration_without_a_token_of_its_kind_is_refused()
    {
        await using var machine = await ServerAsync();
        var ordinary = (await machine.RunAsync("token", "create", "--file", "-")).MustBe(0).Out.Trim();
        Assert.StartsWith("dre_", ordinary, StringComparison.Ordinal);
        foreach (var bearer in (string?[])[null, "", ordinary, "drl_" + new string('x', 43)])
        {
            var answer = await OldAgent.RegisterAsync(
                new Uri(machine.Address), bearer, OldAgent.Registration("dep-hash-123"));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
            Assert.DoesNotContain("agent_token", answer.Body, StringComparison.Ordinal);
        }

        Assert.Empty((await machine.RunAsync("hosts", "-o", "json")).MustBe(0).Json.EnumerateArray());
    }

    [Fact]
    public async Task The_server_killed_between_delivery_and_report_takes_the_report_and_never_delivers_again()
    {
        await using var machine = Configured();
        var server = await StartServerAsync(machine);
        using var agent = await JoinAsync(machine);
        var restart = machine.RunAsync("restart", "web", "--host", "old-box");
        var command = await agent.CommandAsync();
        var commandId = command.GetProperty("command_id").GetString()!;

        server.Signal("KILL");
        await server.ExitCodeAsync();
        await StartServerAsync(machine);
        Assert.Equal(JsonValueKind.Null, (await agent.WaitAsync()).Json.GetProperty("item").ValueKind);
        var answer = await agent.ReportAsync(agent.Report(
            commandId, "success", Result("restart", """ "status":"ok","container_state":"running" """)));
        Assert.Equal(HttpStatusCode.OK, answer.Status);

        // The verb may have been cut off while it ordered; what it ordered has its outcome all the same.
        await restart;
        var known = Assert.Single(
            (await machine.RunAsync("commands", "-o", "json")).MustBe(0).Json.EnumerateArray());
        Assert.Equal(
            (commandId, "completed"),
            (known.GetProperty("command_id").GetString(), known.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task The_agents_token_is_in_no_log_no_file_and_no_answer_but_its_registration()
    {
        await using var machine = Configured();
        var server = await StartServerAsync(machine);
        using var agent = await JoinAsync(machine);
        await agent.WaitAsync();
        agent.Token = agent.Token[..^1] + (agent.Token[^1] == 'A' ? 'B' : 'A');
        await agent.WaitAsync();
        var wrong = agent.Token;
        var hosts = (await machine.RunAsync("hosts", "-o", "json")).MustBe(0).Out;

        Assert.DoesNotContain(wrong[..^1], hosts + server.Out + server.Error, StringComparison.Ordinal);
        var needle = System.Text.Encoding.UTF8.GetBytes(wrong[..^1]);
        Assert.DoesNotContain(
            Directory.GetFiles(machine.Data, "server.*").Where(file => !file.EndsWith(".sock", StringComparison.Ordinal)
                && !file.EndsWith(".lock", StringComparison.Ordinal)),
            file => ReadShared(file).AsSpan().IndexOf(needle) >= 0);
    }

    private static Machine Configured()
    {
        var machine = new Machine();
        return machine.WithConfiguration($"server:\n  listen: 127.0.0.1:{machine.Port}\n  heartbeat_interval: 2s\n");
    }

    private static async Task<Machine> ServerAsync()
    {
        var machine = Configured();
        await StartServerAsync(machine);
        return machine;
    }

    private static async Task<DroverProcess> StartServerAsync(Machine machine)
    {
        var server = machine.Start("server");
        await server.UntilAsync(one => one.Out.Contains("listens on", StringComparison.Ordinal), "the server listens");
        return server;
    }

    private static async Task<OldAgent> JoinAsync(Machine machine)
    {
        var created = await machine.RunAsync("token", "create", "--legacy", "--name", "old-box", "--file", "-");
        return await OldAgent.JoinAsync(new Uri(machine.Address), created.MustBe(0).Out.Trim());
    }

    private static async Task ReportAsync(OldAgent agent, string status, string fields)
    {
        var command = await agent.CommandAsync();
        var answer = await agent.ReportAsync(agent.Report(
            command.GetProperty("command_id").GetString()!,
            status,
            Result(command.GetProperty("type").GetString()!, fields)));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    private static string Result(string type, string fields) =>
        $$"""{"type":"{{type}}","deployment_hash":"dep-hash-123","app_code":"web",{{fields}}}""";

    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
