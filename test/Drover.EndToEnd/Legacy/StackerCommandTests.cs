using Drover.Testing.Legacy;

namespace Drover.EndToEnd.Legacy;

/// <summary>
/// Our published host agent at a Stacker: every report, of a success and of every failure, is one that its schema
/// takes.
/// </summary>
public sealed class StackerCommandTests
{
    [Fact]
    public async Task Health_tells_each_state_of_a_container_in_the_older_words()
    {
        await using var bench = await StackerBench.StartAsync();
        foreach (var (state, told, status) in new[]
        {
            ("running", "running", "ok"),
            ("exited", "exited", "unhealthy"),
            ("restarting", "starting", "unhealthy"),
            ("created", "starting", "unhealthy"),
            ("paused", "unknown", "unknown"),
            ("dead", "failed", "unhealthy"),
        })
        {
            bench.Engine.AddContainer(state, container => container.State = state);
            var result = (await bench.RunAsync("health", $$"""{"app_code":"{{state}}","include_metrics":false}"""))
                .GetProperty("result");
            Assert.Equal(
                (state, told, status),
                (
                    result.GetProperty("app_code").GetString(),
                    result.GetProperty("container_state").GetString(),
                    result.GetProperty("status").GetString()));
            Assert.False(result.TryGetProperty("metrics", out _));
        }

        Assert.Empty(bench.Server.Rejections);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("""{"app_code":"all"}""")]
    [InlineData("""{"app_code":"all","include_system":true}""")]
    public async Task Health_of_all_is_taken_by_the_older_schema(string parameters)
    {
        await using var bench = await StackerBench.StartAsync("", "web", "db");
        var report = await bench.RunAsync("health", parameters);

        Assert.Empty(bench.Server.Rejections);
        Assert.Equal("success", report.GetProperty("status").GetString());
        var result = report.GetProperty("result");
        Assert.Equal("all", result.GetProperty("app_code").GetString());
        Assert.Equal(["db", "web"], result.GetProperty("containers").EnumerateArray()
            .Select(container => container.GetProperty("app_code").GetString()));
    }

    [Fact]
    public async Task Docker_healthcheck_that_fails_is_unhealthy()
    {
        await using var bench = await StackerBench.StartAsync();
        bench.Engine.AddContainer("web", container => container.Health = "unhealthy");
        var result = (await bench.RunAsync("health", """{"app_code":"web"}""")).GetProperty("result");
        Assert.Equal("unhealthy", result.GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("health", "container_not_found", "unhealthy")]
    [InlineData("logs", "container_not_found", null)]
    [InlineData("restart", "container_not_found", "failed")]
    [InlineData("start", "container_not_found", "failed")]
    [InlineData("stop", "container_not_found", "failed")]
    public async Task A_container_that_is_not_there_is_a_failure_the_older_schema_takes(
        string type, string code, string? status)
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        var report = await bench.RunAsync(type, """{"app_code":"we"}""");

        Assert.Empty(bench.Server.Rejections);
        Assert.Equal("failed", report.GetProperty("status").GetString());
        Assert.Equal(code, report.GetProperty("errors")[0].GetProperty("code").GetString());
        if (status is not null)
        {
            Assert.Equal(status, report.GetProperty("result").GetProperty("status").GetString());
        }
    }

    [Theory]
    [InlineData("health", "health_unavailable")]
    [InlineData("logs", "docker_unavailable")]
    [InlineData("restart", "docker_unavailable")]
    public async Task An_engine_that_is_away_is_a_failure_the_older_schema_takes_and_health_fails_closed(
        string type, string code)
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        await bench.Engine.StopAsync();
        var report = await bench.RunAsync(type, """{"app_code":"web"}""");

        Assert.Empty(bench.Server.Rejections);
        Assert.Equal("failed", report.GetProperty("status").GetString());
        Assert.Equal(code, report.GetProperty("errors")[0].GetProperty("code").GetString());
        if (type == "health")
        {
            Assert.Equal("unknown", report.GetProperty("result").GetProperty("status").GetString());
        }

        await bench.Engine.StartAsync();
        var recovered = await bench.RunAsync(type, """{"app_code":"web"}""");
        Assert.Equal("success", recovered.GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("logs", "null")]
    [InlineData("logs", """{"app_code":"web","limit":"many"}""")]
    [InlineData("logs", """{"app_code":"web","streams":["console"]}""")]
    [InlineData("restart", """{"app_code":"  "}""")]
    [InlineData("restart", "[]")]
    public async Task Parameters_that_cannot_be_read_are_a_failure_the_older_schema_takes(
        string type, string parameters)
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        var report = await bench.RunAsync(type, parameters);

        Assert.Empty(bench.Server.Rejections);
        Assert.Equal("invalid_parameters", report.GetProperty("errors")[0].GetProperty("code").GetString());
        Assert.Equal(0, bench.Restarts);
    }

    [Theory]
    [InlineData("configure_firewall")]
    [InlineData("exec")]
    [InlineData("echo hello")]
    [InlineData("tar --checkpoint=1")]
    public async Task A_type_that_is_not_ours_is_refused_by_a_report_and_never_runs_as_a_shell_line(string type)
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        var report = await bench.RunAsync(type, """{"app_code":"web","command":"id"}""");

        Assert.Empty(bench.Server.Rejections);
        Assert.Equal("failed", report.GetProperty("status").GetString());
        Assert.Equal("unknown_type", report.GetProperty("errors")[0].GetProperty("code").GetString());
        Assert.DoesNotContain(bench.Engine.Requests, request => request.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_containers_are_listed_under_the_older_name_too()
    {
        await using var bench = await StackerBench.StartAsync("", "web", "db");
        var report = await bench.RunAsync("list_containers", "{}");
        Assert.Equal(2, report.GetProperty("result").GetProperty("containers").GetArrayLength());
    }

    [Fact]
    public async Task A_restart_reports_the_new_state_and_app_status_follows()
    {
        await using var bench = await StackerBench.StartAsync();
        bench.Engine.AddContainer("web", container => container.State = "exited");
        var report = await bench.RunAsync("restart", """{"app_code":"web","force":false}""");

        Assert.Equal("success", report.GetProperty("status").GetString());
        var result = report.GetProperty("result");
        Assert.Equal(
            ("ok", "running"),
            (result.GetProperty("status").GetString(), result.GetProperty("container_state").GetString()));
        Assert.Equal("status_panel", report.GetProperty("executed_by").GetString());
        Assert.Equal(1, bench.Restarts);
        await bench.UntilAsync(() => bench.Server.To(StackerRequest.AppStatus).Count == 1, "app status was told");
        Assert.Equal(
            "running", bench.Server.To(StackerRequest.AppStatus)[0].Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_restart_the_engine_refuses_reports_why_with_the_state_as_it_is_and_without_secrets()
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        var id = bench.Engine.Containers.Single().Id;
        bench.Engine.Answer(
            $"/containers/{id}/restart",
            """{"message":"oci runtime error: --password=hunter2hunter2 refused"}"""u8.ToArray(),
            500);
        var report = await bench.RunAsync("restart", """{"app_code":"web"}""");

        Assert.Empty(bench.Server.Rejections);
        Assert.Equal("restart_failed", report.GetProperty("errors")[0].GetProperty("code").GetString());
        Assert.Equal("failed", report.GetProperty("result").GetProperty("status").GetString());
        Assert.DoesNotContain("hunter2", report.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", bench.Agent!.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_policy_of_the_host_holds_whoever_the_server_is()
    {
        await using var bench = await StackerBench.StartAsync("  policy:\n    protected_apps: [db]", "web", "db");
        var refused = await bench.RunAsync("restart", """{"app_code":"db"}""");

        Assert.Equal("policy_denied", refused.GetProperty("errors")[0].GetProperty("code").GetString());
        Assert.Equal(0, bench.Restarts);
        Assert.Equal(
            "success", (await bench.RunAsync("restart", """{"app_code":"web"}""")).GetProperty("status").GetString());
        Assert.Equal(1, bench.Restarts);
    }

    [Fact]
    public async Task Lines_of_a_terminal_are_stdout_and_secrets_never_leave_the_host()
    {
        await using var bench = await StackerBench.StartAsync();
        const string Secret = "correct-horse-battery-staple";
        bench.Engine.AddContainer("web", container => container.Tty = true)
            .Logs($$"""{"password":"{{Secret}}"}""")
            .Logs($"Authorization: Bearer {Secret}")
            .Logs($"postgres://user:{Secret}@db/app")
            .Logs("plain words");
        var result = (await bench.RunAsync("logs", """{"app_code":"web"}""")).GetProperty("result");

        Assert.Empty(bench.Server.Rejections);
        Assert.Equal(
            [("stdout", true), ("stdout", true), ("stdout", true), ("stdout", false)],
            result.GetProperty("lines").EnumerateArray().Select(line =>
                (line.GetProperty("stream").GetString(), line.GetProperty("redacted").GetBoolean())));
        await bench.UntilAsync(() => bench.Server.To(StackerRequest.AppStatus).Count == 1, "app status was told");
        Assert.DoesNotContain(
            bench.Server.Requests,
            request => System.Text.Encoding.UTF8.GetString(request.Body).Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_slow_restart_holds_up_neither_a_health_nor_the_next_poll()
    {
        await using var bench = await StackerBench.StartAsync("", "web", "db");
        var web = bench.Engine.Containers.Single(container => container.Name == "web");
        var slow = new TaskCompletionSource();
        bench.Engine.Hold($"/containers/{web.Id}/restart", slow.Task);
        var restart = bench.Server.Order("restart", """{"app_code":"web"}""");
        await bench.UntilAsync(() => bench.Restarts == 1, "the restart has begun");

        await bench.RunAsync("health", """{"app_code":"db"}""");
        Assert.Equal("sent", bench.Server.StatusOf(restart));
        slow.SetResult();
        await bench.EndedAsync(restart);
        Assert.Equal("completed", bench.Server.StatusOf(restart));
    }
}
