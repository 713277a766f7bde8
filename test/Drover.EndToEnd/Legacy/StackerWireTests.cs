using System.Globalization;
using Drover.Testing.Legacy;
using Microsoft.AspNetCore.Http;

namespace Drover.EndToEnd.Legacy;

/// <summary>Our published host agent at a Stacker: what goes over the wire, and what it makes of the answers.</summary>
public sealed class StackerWireTests
{
    [Fact]
    public async Task Every_request_carries_the_five_headers_and_a_signature_over_its_raw_body()
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        await bench.RunAsync("health", """{"app_code":"web"}""");
        await bench.RunAsync("restart", """{"app_code":"web"}""");
        await bench.UntilAsync(() => bench.Server.To(StackerRequest.AppStatus).Count == 2, "app status was told twice");

        var requests = bench.Server.Requests.ToList();
        Assert.All(requests, request =>
        {
            Assert.Equal(bench.Server.AgentId, request.Headers["X-Agent-Id"]);
            Assert.Equal("Bearer " + bench.Server.Token, request.Headers["Authorization"]);
            Assert.Equal(
                OldAgent.Signature(bench.Server.Token, request.Body), request.Headers["X-Agent-Signature"]);
            Assert.True(Guid.TryParse(request.Headers["X-Request-Id"], out _));
            var stamp = long.Parse(request.Headers["X-Timestamp"], CultureInfo.InvariantCulture);
            Assert.InRange(request.At.ToUnixTimeSeconds() - stamp, -2, 2);
        });
        Assert.Equal(
            requests.Count, requests.Select(request => request.Headers["X-Request-Id"]).Distinct().Count());
        Assert.All(bench.Server.To(StackerRequest.Wait), poll => Assert.Equal("?timeout=30", poll.Query));
        Assert.All(requests.Where(request => request.Method == "POST"), request =>
            Assert.Equal("application/json", request.Headers["Content-Type"]));
    }

    [Fact]
    public async Task A_report_and_an_app_status_are_written_as_the_old_agent_writes_them()
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        bench.Engine.Containers.Single().Logs("h\u00e9llo + <b>");
        var id = bench.Server.Order("logs", """{"app_code":"web"}""");
        await bench.EndedAsync(id);
        await bench.UntilAsync(() => bench.Server.To(StackerRequest.AppStatus).Count == 1, "app status was told");

        var report = Assert.Single(bench.Server.ReportsOf(id));
        var text = System.Text.Encoding.UTF8.GetString(report.Body);
        var result = report.Json.GetProperty("result").GetRawText();
        var completedAt = report.Json.GetProperty("completed_at").GetString()!;
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", completedAt);
        Assert.Equal(
            $$"""{"command_id":"{{id}}","completed_at":"{{completedAt}}","deployment_hash":"dep-hash-123","error":null,"executed_by":"status_panel","result":{{result}},"status":"success"}""",
            text);
        Assert.Contains("h\u00e9llo + <b>", text, StringComparison.Ordinal);

        var status = Assert.Single(bench.Server.To(StackerRequest.AppStatus)).Json;
        Assert.Equal(
            ["app_code", "deployment_hash", "logs", "status", "timestamp"],
            status.EnumerateObject().Select(field => field.Name));
        Assert.Equal("running", status.GetProperty("status").GetString());
        var line = status.GetProperty("logs")[0].GetString();
        Assert.EndsWith("[stdout] h\u00e9llo + <b>", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_route_for_app_status_costs_nothing()
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        for (var round = 1; round <= 3; round++)
        {
            await bench.RunAsync("health", """{"app_code":"web"}""");
            await bench.UntilAsync(
                () => bench.Server.To(StackerRequest.AppStatus).Count == round, "app status was told again");
        }

        Assert.False(bench.Agent!.HasExited);
    }

    [Theory]
    [InlineData("""{"message":"No command available","item":null,"meta":{"next_poll_secs":0}}""", 200)]
    [InlineData("""{"message":"No command available","item":{},"meta":{"next_poll_secs":"0"}}""", 200)]
    [InlineData("""{"message":"No command available","meta":{"next_poll_secs":-7}}""", 200)]
    [InlineData("""{"item":null,"meta":{"next_poll_secs":"soon"}}""", 200)]
    [InlineData("", 204)]
    public async Task An_empty_answer_of_any_shape_is_no_command_and_the_agent_asks_again(string body, int status)
    {
        await using var bench = await StackerBench.SetUpAsync();
        bench.Engine.AddContainer("web");
        bench.Server.AnswerOnce(StackerRequest.Wait, status, body);
        await bench.StartAgentAsync();
        Assert.Equal(
            "success", (await bench.RunAsync("health", """{"app_code":"web"}""")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_command_without_an_id_is_not_executed_and_the_agent_asks_again_after_a_pause()
    {
        await using var bench = await StackerBench.SetUpAsync();
        bench.Engine.AddContainer("web");
        bench.Server.AnswerOnce(
            StackerRequest.Wait, 200, """{"item":{"type":"restart","parameters":{"app_code":"web"}}}""");
        await bench.StartAgentAsync();
        await bench.RunAsync("health", """{"app_code":"web"}""");

        var polls = bench.Server.To(StackerRequest.Wait);
        Assert.InRange((polls[1].At - polls[0].At).TotalSeconds, 4, 8);
        Assert.Equal(0, bench.Restarts);
        Assert.Single(bench.Server.To(StackerRequest.Report));
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_of_an_answer_is_asked_again()
    {
        await using var bench = await StackerBench.SetUpAsync();
        bench.Engine.AddContainer("web");
        bench.Server.ActOnce(StackerRequest.Wait, async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("""{"message":"Command""");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        await bench.StartAgentAsync();
        await bench.RunAsync("health", """{"app_code":"web"}""");
    }

    [Theory]
    [InlineData("""{"name":"stacker.logs","params":{"app_code":"web","limit":2}}""")]
    [InlineData("""{"app_code":" web ","limit":2,"redact":false,"streams":["stdout"]}""")]
    public async Task Parameters_wrapped_or_with_the_older_names_are_read(string parameters)
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        for (var line = 1; line <= 3; line++)
        {
            bench.Engine.Containers.Single().Logs(
                $"line {line} password=hunter2hunter2", new(1_700_000_000 + line, 0));
        }

        var report = await bench.RunAsync("stacker.logs", parameters);
        var result = report.GetProperty("result");
        Assert.Equal("logs", result.GetProperty("type").GetString());
        Assert.Equal(2, result.GetProperty("lines").GetArrayLength());
        Assert.True(result.GetProperty("truncated").GetBoolean());
        Assert.DoesNotContain("hunter2", report.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_that_the_old_agent_gave_goes_on_at_its_time_and_ours_after_its_line()
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        for (var line = 1; line <= 5; line++)
        {
            bench.Engine.Containers.Single().Logs($"line {line}", new(1_700_000_000, line));
        }

        var first = await LogsAsync(bench, "\"cursor\":\"2023-11-14T22:13:20.000000002Z\",\"limit\":2");
        Assert.Equal(["line 2", "line 3"], first.Lines);
        var second = await LogsAsync(bench, $"\"cursor\":\"{first.Cursor}\",\"limit\":2");
        Assert.Equal(["line 4", "line 5"], second.Lines);
        Assert.Empty((await LogsAsync(bench, $"\"cursor\":\"{second.Cursor}\"")).Lines);
    }

    private static async Task<(IReadOnlyList<string?> Lines, string? Cursor)> LogsAsync(StackerBench bench, string more)
    {
        var report = await bench.RunAsync("logs", $$"""{"app_code":"web",{{more}}}""");
        var result = report.GetProperty("result");
        return (
            [.. result.GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("message").GetString())],
            result.GetProperty("cursor").GetString());
    }
}
