using System.Net;
using System.Text.Json;
using Drover.Testing.Docker;
using Drover.Testing.Legacy;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire.Commands;

namespace Drover.Server.Tests.Legacy;

/// <summary>An agent of the older protocol at our server: delivery and what is made of its reports.</summary>
public sealed class OldAgentTests
{
    [Fact]
    public async Task A_command_is_delivered_in_the_older_envelope_byte_for_byte()
    {
        await using var bench = await LegacyBench.StartAsync(new FakeClock());
        var ordered = await bench.Server.OnSocket().OrderAsync(CommandTypes.Restart, "web", "old-box");
        var answer = await bench.Agent.WaitAsync();

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var time = answer.Json.GetProperty("item").GetProperty("created_at").GetRawText();
        Assert.Equal(
            $$$"""{"message":"Command available","item":{"id":"{{{ordered.CommandId["cmd_".Length..]}}}","command_id":"{{{ordered.CommandId}}}","deployment_hash":"dep-hash-123","type":"restart","status":"sent","priority":"normal","parameters":{"app_code":"web"},"result":null,"error":null,"created_by":"{{{ordered.CreatedBy}}}","created_at":{{{time}}},"updated_at":{{{time}}},"timeout_seconds":300,"metadata":null},"meta":{"next_poll_secs":0}}""",
            answer.Body);
        Assert.True(DateTimeOffset.TryParse(time.Trim('"'), out _));
    }

    [Fact]
    public async Task An_empty_poll_is_200_with_a_null_item_and_never_204()
    {
        await using var bench = await LegacyBench.StartAsync();
        var answer = await bench.Agent.WaitAsync();

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(
            """{"message":"No command available","item":null,"meta":{"next_poll_secs":0}}""", answer.Body);
    }

    [Fact]
    public async Task A_report_is_answered_in_the_older_words_and_its_outcome_is_stored()
    {
        await using var bench = await LegacyBench.StartAsync();
        await bench.Server.OnSocket().OrderAsync(CommandTypes.Restart, "web", "old-box");
        var commandId = (await bench.Agent.CommandAsync()).GetProperty("command_id").GetString()!;

        var answer = await bench.Agent.ReportAsync(bench.Agent.Report(
            commandId, "success", bench.Result("restart", "web", """ "status":"ok","container_state":"running" """)));

        Assert.Equal(
            """{"message":"Result accepted","item":{"accepted":true,"message":"Command result accepted, status: completed"}}""",
            answer.Body);
        var command = await bench.Server.OnSocket().CommandAsync(commandId);
        Assert.Equal(CommandStates.Completed, command.Status);
        Assert.Equal("running", command.Result?.GetProperty("container_state").GetString());
        Assert.Equal(ControlPlanes.StatusPanel, command.ExecutedBy);
    }

    [Fact]
    public async Task Urgent_commands_come_first()
    {
        await using var bench = await LegacyBench.StartAsync();
        var people = bench.Server.OnSocket();
        await people.OrderAsync(CommandTypes.Health, "web", "old-box", priority: "low");
        await people.OrderAsync(CommandTypes.Health, "db", "old-box", priority: "critical");
        Assert.Equal("critical", (await bench.Agent.CommandAsync()).GetProperty("priority").GetString());
        Assert.Equal("low", (await bench.Agent.CommandAsync()).GetProperty("priority").GetString());
    }

    [Fact]
    public async Task A_command_is_given_out_once_however_long_its_report_takes_and_expires_at_its_deadline()
    {
        var clock = new FakeClock();
        await using var bench = await LegacyBench.StartAsync(clock);
        var people = bench.Server.OnSocket();
        var ours = await bench.Server.JoinAsync("alpha", "web");
        var leased = await people.OrderAsync(CommandTypes.Restart, "web", "alpha");
        await ours.WaitAsync();
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web", "old-box");
        await bench.Agent.CommandAsync();

        // The sweep that takes our agent's lost lease back leaves the old agent's command alone.
        await EventuallyAsync(
            clock, async () => (await people.CommandAsync(leased.CommandId)).Status == CommandStates.Queued);
        Assert.Equal(CommandStates.Leased, (await people.CommandAsync(ordered.CommandId)).Status);
        Assert.Equal(JsonValueKind.Null, await ItemAsync(bench, clock));

        clock.Advance(TimeSpan.FromMinutes(11));
        await EventuallyAsync(
            clock, async () => (await people.CommandAsync(ordered.CommandId)).Status == CommandStates.Expired);
        Assert.Equal(JsonValueKind.Null, await ItemAsync(bench, clock));
        Assert.Equal(1, (await people.CommandAsync(ordered.CommandId)).Attempts);
    }

    [Fact]
    public async Task A_report_after_the_deadline_still_counts_and_a_repeated_one_changes_nothing()
    {
        var clock = new FakeClock();
        await using var bench = await LegacyBench.StartAsync(clock);
        var people = bench.Server.OnSocket();
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web", "old-box");
        await bench.Agent.CommandAsync();
        clock.Advance(TimeSpan.FromMinutes(11));
        await EventuallyAsync(
            clock, async () => (await people.CommandAsync(ordered.CommandId)).Status == CommandStates.Expired);

        var ok = bench.Result("restart", "web", """ "status":"ok","container_state":"running" """);
        await bench.Agent.ReportAsync(bench.Agent.Report(ordered.CommandId, "success", ok));
        Assert.Equal(CommandStates.Completed, (await people.CommandAsync(ordered.CommandId)).Status);

        var again = await bench.Agent.ReportAsync(
            bench.Agent.Report(ordered.CommandId, "failed", null, """[{"code":"restart_failed","message":"no"}]"""));
        Assert.Equal(HttpStatusCode.OK, again.Status);
        Assert.Contains("status: completed", again.Body, StringComparison.Ordinal);
        Assert.Equal(CommandStates.Completed, (await people.CommandAsync(ordered.CommandId)).Status);
    }

    [Fact]
    public async Task The_health_of_all_in_its_own_shape_is_understood()
    {
        await using var bench = await LegacyBench.StartAsync();
        var command = await bench.RunAsync(
            CommandTypes.Health,
            "all",
            "success",
            """
            {"type":"all_health","deployment_hash":"dep-hash-123","status":"degraded","containers":[
              {"app_code":"web","container_name":"web-1","container_state":"running","status":"ok","metrics":{"cpu_pct":1.5,"rx_bytes":7}},
              {"app_code":"db","container_name":"db-1","container_state":"exited","status":"unhealthy"}]}
            """);

        Assert.Equal(CommandStates.Completed, command.Status);
        var result = command.Result!.Value;
        Assert.Equal("health", result.GetProperty("type").GetString());
        Assert.Equal("all", result.GetProperty("app_code").GetString());
        Assert.Equal("unhealthy", result.GetProperty("status").GetString());
        Assert.Equal("unknown", result.GetProperty("container_state").GetString());
        Assert.Equal(
            ["web ok running", "db unhealthy exited"],
            result.GetProperty("containers").EnumerateArray().Select(one =>
                $"{one.GetProperty("app_code")} {one.GetProperty("status")} {one.GetProperty("container_state")}"));
        var metrics = result.GetProperty("containers")[0].GetProperty("metrics");
        Assert.Equal(1.5, metrics.GetProperty("cpu_pct").GetDouble());
    }

    [Theory]
    [InlineData(CommandTypes.Health)]
    [InlineData(CommandTypes.Logs)]
    [InlineData(CommandTypes.Restart)]
    [InlineData(CommandTypes.Start)]
    [InlineData(CommandTypes.Stop)]
    public async Task A_failure_without_a_result_is_taken_and_stored_in_the_schema_of_its_type(string type)
    {
        await using var bench = await LegacyBench.StartAsync();
        var command = await bench.RunAsync(
            type, "web", "failed", result: null, """[{"code":"container_not_found","message":"no such container"}]""");

        Assert.Equal(CommandStates.Failed, command.Status);
        Assert.Equal("container_not_found", Assert.Single(command.Errors!).Code);
        Assert.Equal(type, command.Result?.GetProperty("type").GetString());
        Assert.Equal("web", command.Result?.GetProperty("app_code").GetString());
    }

    [Theory]
    [InlineData("error", null, "agent_error")]
    [InlineData("timeout", null, "deadline_exceeded")]
    [InlineData("killed", null, "interrupted")]
    [InlineData("error", "\"exit status 3\"", "agent_error")]
    [InlineData("success", "{\"reason\":\"half of it\"}", "agent_error")]
    public async Task Whatever_is_not_a_plain_success_never_counts_as_completed(
        string status, string? error, string code)
    {
        await using var bench = await LegacyBench.StartAsync();
        var command = await bench.RunAsync(CommandTypes.Restart, "web", status, result: null, error: error);
        Assert.Equal(CommandStates.Failed, command.Status);
        Assert.Equal(code, Assert.Single(command.Errors!).Code);
        Assert.NotEmpty(command.Error!);
    }

    [Fact]
    public async Task Lines_of_a_terminal_are_stdout_and_secrets_are_taken_out_before_anything_is_stored()
    {
        await using var bench = await LegacyBench.StartAsync();
        const string Secret = "correct-horse-battery-staple";
        var command = await bench.RunAsync(
            CommandTypes.Logs,
            "web",
            "success",
            bench.Result("logs", "web", $$"""
                "cursor":"2026-01-01T00:00:02Z","truncated":true,"lines":[
                {"ts":"2026-01-01T00:00:01Z","stream":"console","message":"{\"password\":\"{{Secret}}\"}","redacted":false},
                {"ts":"2026-01-01T00:00:02Z","stream":"stderr","message":"plain words","redacted":false}]
                """),
            error: $"\"Authorization: Bearer {Secret}\"");

        var result = command.Result!.Value.Deserialize(Wire.WireJson.Default.LogsResult)!;
        Assert.Equal(["stdout", "stderr"], result.Lines.Select(line => line.Stream));
        Assert.Equal([true, false], result.Lines.Select(line => line.Redacted));
        Assert.Equal("plain words", result.Lines[1].Message);
        Assert.Equal(("2026-01-01T00:00:02Z", true), (result.Cursor, result.Truncated));
        Assert.DoesNotContain(Secret, JsonSerializer.Serialize(command, Wire.WireJson.Default.CommandDto));
        Assert.True(StoredSomewhere(bench.Server, "plain words"));
        Assert.False(StoredSomewhere(bench.Server, Secret));
    }

    [Fact]
    public async Task The_status_of_an_app_is_taken_and_its_lines_are_redacted()
    {
        await using var bench = await LegacyBench.StartAsync();
        const string Secret = "correct-horse-battery-staple";
        var answer = await bench.Agent.AppStatusAsync(
            $$$"""{"app_code":"web","deployment_hash":"dep-hash-123","logs":["2026-01-01T00:00:01Z [stdout] {\"password\":\"{{{Secret}}}\"}"],"status":"running","timestamp":"2026-01-01T00:00:01Z"}""");
        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        Assert.True(StoredSomewhere(bench.Server, "[stdout]"));
        Assert.False(StoredSomewhere(bench.Server, Secret));
    }

    [Theory]
    [InlineData("""{"command_id":"ID","completed_at":"2026-01-01T00:00:00Z","deployment_hash":"dep-hash-123"}""", 400)]
    [InlineData("""{"command_id":"ID","deployment_hash":"dep-hash-123","status":"success"}""", 400)]
    [InlineData("""{"command_id":"ID","completed_at":"yesterday","deployment_hash":"dep-hash-123","status":"success"}""", 400)]
    [InlineData("""{"command_id":"ID","command_status":"maybe","completed_at":"2026-01-01T00:00:00Z","deployment_hash":"dep-hash-123","status":"success"}""", 400)]
    [InlineData("""{"command_id":"cmd_none","completed_at":"2026-01-01T00:00:00Z","deployment_hash":"dep-hash-123","status":"success"}""", 404)]
    [InlineData("""{"command_id":"ID","completed_at":"2026-01-01T00:00:00Z","deployment_hash":"another","status":"success"}""", 403)]
    [InlineData("not json", 400)]
    public async Task A_report_that_cannot_be_taken_is_refused_with_a_message_and_changes_nothing(
        string body, int status)
    {
        await using var bench = await LegacyBench.StartAsync();
        var ordered = await bench.Server.OnSocket().OrderAsync(CommandTypes.Restart, "web", "old-box");
        await bench.Agent.CommandAsync();

        var answer = await bench.Agent.ReportAsync(body.Replace("ID", ordered.CommandId, StringComparison.Ordinal));

        Assert.Equal(status, (int)answer.Status);
        var field = Assert.Single(answer.Json.EnumerateObject());
        Assert.Equal("message", field.Name);
        Assert.NotEmpty(field.Value.GetString()!);
        Assert.Equal(CommandStates.Leased, (await bench.Server.OnSocket().CommandAsync(ordered.CommandId)).Status);
    }

    [Fact]
    public async Task A_poll_for_another_hash_is_403_in_the_older_words()
    {
        await using var bench = await LegacyBench.StartAsync();
        var answer = await bench.Agent.WaitAsync(hash: "another");
        Assert.Equal(
            (HttpStatusCode.Forbidden, """{"message":"Not authorized for this deployment"}"""),
            (answer.Status, answer.Body));
    }

    [Fact]
    public async Task Another_hosts_command_is_as_unknown_as_one_that_never_was()
    {
        await using var bench = await LegacyBench.StartAsync();
        using var other = await OldAgent.JoinAsync(
            bench.Server.Role.Address, await LegacyBench.TokenAsync(bench.Server, "other-box"), "other-hash");
        var ordered = await bench.Server.OnSocket().OrderAsync(CommandTypes.Restart, "web", "old-box");
        var answer = await other.ReportAsync(other.Report(ordered.CommandId, "success", null));
        Assert.Equal(
            (HttpStatusCode.NotFound, """{"message":"Command not found"}"""), (answer.Status, answer.Body));
    }

    private static async Task<JsonValueKind> ItemAsync(LegacyBench bench, FakeClock clock)
    {
        var poll = bench.Agent.WaitAsync();
        while (!poll.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        return (await poll).Json.GetProperty("item").ValueKind;
    }

    private static Task EventuallyAsync(FakeClock clock, Func<Task<bool>> condition) => Eventually.TrueAsync(
        async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            return await condition();
        },
        "the command is given up",
        TestContext.Current.CancellationToken);

    private static bool StoredSomewhere(ServerFixture server, string text)
    {
        var needle = System.Text.Encoding.UTF8.GetBytes(text);
        return Directory.GetFiles(server.DataDirectory, "server.db*")
            .Where(path => !path.EndsWith("-shm", StringComparison.Ordinal))
            .Any(path => File.ReadAllBytes(path).AsSpan().IndexOf(needle) >= 0);
    }
}
