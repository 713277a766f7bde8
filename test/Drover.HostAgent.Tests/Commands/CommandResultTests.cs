using System.Text;
using System.Text.Json;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Tests.Commands;

/// <summary>
/// Each command's result, on its good and on every bad path, against a fake engine; each report is checked against
/// the schema.
/// </summary>
public sealed class CommandResultTests : IAsyncLifetime
{
    private CommandRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = (await CommandRig.CreateAsync()).Start();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("running", null, "ok", "running")]
    [InlineData("running", "healthy", "ok", "running")]
    [InlineData("running", "unhealthy", "unhealthy", "running")]
    [InlineData("running", "starting", "unknown", "running")]
    [InlineData("created", null, "unhealthy", "starting")]
    [InlineData("restarting", null, "unhealthy", "starting")]
    [InlineData("paused", null, "unknown", "unknown")]
    [InlineData("exited", null, "unhealthy", "exited")]
    [InlineData("dead", null, "unhealthy", "failed")]
    public async Task Health_maps_each_state_of_a_container(
        string state, string? health, string status, string containerState)
    {
        _rig.Docker.AddContainer("web", web => (web.State, web.Health) = (state, health));

        var report = await _rig.ExecuteAsync("health", """{"app_code":"web"}""");

        var result = CommandRig.Health(report);
        Assert.Equal(ReportRequest.Success, report.Status);
        Assert.Equal((status, containerState), (result.Status, result.ContainerState));
        Assert.Equal(_rig.Clock.GetUtcNow(), result.LastHeartbeatAt);
    }

    [Fact]
    public async Task Health_fails_closed_when_the_engine_cannot_be_reached()
    {
        _rig.Docker.AddContainer("web");
        await _rig.Docker.StopAsync();

        var report = await _rig.ExecuteAsync("health", """{"app_code":"web"}""");

        var result = CommandRig.Health(report);
        Assert.Equal(ReportRequest.Failed, report.Status);
        Assert.Equal(("unknown", "unknown"), (result.Status, result.ContainerState));
        Assert.Null(result.LastHeartbeatAt);
        Assert.Equal(CommandErrors.HealthUnavailable, report.Errors![0].Code);
    }

    [Fact]
    public async Task Health_of_an_unknown_app_is_unhealthy_and_names_what_is_near()
    {
        _rig.Docker.AddContainer("webshop");

        var report = await _rig.ExecuteAsync("health", """{"app_code":"webshp"}""");

        Assert.Equal("unhealthy", CommandRig.Health(report).Status);
        Assert.Equal(CommandErrors.ContainerNotFound, report.Errors![0].Code);
        Assert.Equal("webshop", report.Errors[0].Details!["near"]);
    }

    [Fact]
    public async Task Health_of_all_lists_every_container_in_the_schema_of_health()
    {
        _rig.Docker.AddContainer("web", web => web.Health = "healthy");
        _rig.Docker.AddContainer("db", db => db.Health = "unhealthy");
        _rig.Docker.AddContainer("migrate", job => job.State = "exited");

        var result = CommandRig.Health(await _rig.ExecuteAsync("health"));

        Assert.Equal(
            ("health", "all", "unhealthy", "running"),
            (result.Type, result.AppCode, result.Status, result.ContainerState));
        Assert.Equal(
            [("db", "unhealthy"), ("migrate", "unhealthy"), ("web", "ok")],
            result.Containers!.Select(each => (each.AppCode, each.Status)));
    }

    [Fact]
    public async Task Health_of_all_is_not_spoiled_by_a_job_that_ended_well()
    {
        _rig.Docker.AddContainer("web");
        _rig.Docker.AddContainer("migrate", job => job.State = "exited");

        Assert.Equal("ok", CommandRig.Health(await _rig.ExecuteAsync("health")).Status);
    }

    [Fact]
    public async Task Restart_reports_the_new_state_and_tells_the_app_status()
    {
        _rig.Docker.AddContainer("web", web => web.State = "exited");

        var report = await _rig.ExecuteAsync("restart", """{"app_code":"web"}""");

        Assert.Equal(ReportRequest.Success, report.Status);
        Assert.Equal(("ok", "running"), (CommandRig.Action(report).Status, CommandRig.Action(report).ContainerState));
        Assert.Equal(ControlPlanes.StatusPanel, report.ExecutedBy);
        await CommandRig.UntilAsync(() => !_rig.Server.Statuses.IsEmpty, "an app status");
        Assert.Equal(("web", "running"), (_rig.Server.Statuses.First().AppCode, _rig.Server.Statuses.First().Status));
    }

    [Theory]
    [InlineData("start", "exited", "running")]
    [InlineData("start", "running", "running")]
    [InlineData("stop", "running", "exited")]
    [InlineData("stop", "exited", "exited")]
    public async Task Start_and_stop_report_the_new_state_and_repeating_them_is_no_failure(
        string type, string before, string after)
    {
        _rig.Docker.AddContainer("web", web => web.State = before);

        var report = await _rig.ExecuteAsync(type, """{"app_code":"web"}""");

        Assert.Equal(ReportRequest.Success, report.Status);
        Assert.Equal(after, CommandRig.Action(report).ContainerState);
    }

    [Theory]
    [InlineData("restart", CommandErrors.RestartFailed)]
    [InlineData("start", CommandErrors.StartFailed)]
    [InlineData("stop", CommandErrors.StopFailed)]
    public async Task An_action_that_the_engine_refuses_reports_errors_and_the_state_it_left(string type, string code)
    {
        var web = _rig.Docker.AddContainer("web");
        _rig.Docker.Answer($"/containers/{web.Id}/{type}", """{"message":"driver failed"}"""u8.ToArray(), 500);

        var report = await _rig.ExecuteAsync(type, """{"app_code":"web"}""");

        var result = CommandRig.Action(report);
        Assert.Equal(
            (ReportRequest.Failed, "failed", "running"), (report.Status, result.Status, result.ContainerState));
        Assert.Equal(code, result.Errors[0].Code);
        Assert.Contains("driver failed", result.Errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forced_restart_kills_and_starts_what_the_engine_could_not_restart()
    {
        var web = _rig.Docker.AddContainer("web");
        _rig.Docker.Answer($"/containers/{web.Id}/restart", """{"message":"cannot stop"}"""u8.ToArray(), 500);

        var report = await _rig.ExecuteAsync("restart", """{"app_code":"web","force":true}""");

        Assert.Equal((ReportRequest.Success, "running"), (report.Status, CommandRig.Action(report).ContainerState));
        Assert.Equal(
            ["restart", "kill", "start"], _rig.Engine.Calls.Where(call => call is "restart" or "kill" or "start"));
        Assert.Equal(CommandErrors.RestartFailed, CommandRig.Action(report).Errors[0].Code);
        Assert.Null(report.Errors);
    }

    [Theory]
    [InlineData("restart")]
    [InlineData("start")]
    [InlineData("stop")]
    [InlineData("logs")]
    [InlineData("health")]
    public async Task A_container_gone_between_list_and_action_is_reported_as_gone(string type)
    {
        var web = _rig.Docker.AddContainer("web");
        _rig.Docker.VanishAfterList(web);

        var report = await _rig.ExecuteAsync(type, """{"app_code":"web"}""");

        Assert.Equal(ReportRequest.Failed, report.Status);
        Assert.Equal(CommandErrors.ContainerNotFound, report.Errors![0].Code);
    }

    [Theory]
    [InlineData("restart")]
    [InlineData("logs")]
    [InlineData("health")]
    public async Task An_ambiguous_app_code_lists_its_candidates(string type)
    {
        _rig.Docker.AddContainer("shop-web-1", web => web.Labels["com.docker.compose.service"] = "web");
        _rig.Docker.AddContainer("shop-web-2", web => web.Labels["com.docker.compose.service"] = "web");

        var report = await _rig.ExecuteAsync(type, """{"app_code":"web"}""");

        Assert.Equal(CommandErrors.ContainerAmbiguous, report.Errors![0].Code);
        Assert.Equal("shop-web-1, shop-web-2", report.Errors[0].Details!["candidates"]);
        Assert.Equal(0, _rig.Engine.Count("restart"));
    }

    [Fact]
    public async Task The_container_parameter_chooses_among_several()
    {
        _rig.Docker.AddContainer("shop-web-1", web => web.Labels["drover.app"] = "web");
        var second = _rig.Docker.AddContainer("shop-web-2", web => web.Labels["drover.app"] = "web");

        await _rig.ExecuteAsync("stop", """{"app_code":"web","container":"shop-web-2"}""");

        Assert.Equal("exited", second.State);
        Assert.Equal("running", _rig.Docker.Containers.Single(each => each.Name == "shop-web-1").State);
    }

    [Theory]
    [InlineData("logs", """{}""")]
    [InlineData("restart", """{"app_code":"  "}""")]
    [InlineData("restart", """{"app_code":"web","stop_timeout":0}""")]
    [InlineData("stop", """{"app_code":"web","stop_timeout":301}""")]
    [InlineData("logs", """{"app_code":"web","limit":0}""")]
    [InlineData("logs", """{"app_code":"web","limit":1001}""")]
    [InlineData("logs", """{"app_code":"web","streams":["console"]}""")]
    [InlineData("logs", """{"app_code":"web","cursor":"yesterday"}""")]
    [InlineData("logs", """{"app_code":"web","since":"10m"}""")]
    [InlineData("logs", """{"app_code":"web","redact":false}""")]
    [InlineData("health", """[1,2]""")]
    [InlineData("health", """{"app_code":7}""")]
    public async Task Invalid_parameters_are_reported_in_the_schema_and_executed_never(string type, string parameters)
    {
        _rig.Docker.AddContainer("web");

        var report = await _rig.ExecuteAsync(type, parameters);

        Assert.Equal(ReportRequest.Failed, report.Status);
        Assert.Equal(CommandErrors.InvalidParameters, report.Errors![0].Code);
        Assert.Empty(_rig.Engine.Calls);
    }

    [Fact]
    public async Task Parameters_that_a_caller_wrapped_once_more_are_unwrapped()
    {
        _rig.Docker.AddContainer("web");

        var report = await _rig.ExecuteAsync("health", """{"name":"stacker.health","params":{"app_code":"web"}}""");

        Assert.Equal("web", CommandRig.Health(report).AppCode);
    }

    [Fact]
    public async Task An_unknown_type_is_reported_and_never_run_as_a_shell_command()
    {
        var report = await _rig.ExecuteAsync("tar", """{"app_code":"web"}""");

        Assert.Equal(CommandErrors.UnknownType, report.Errors![0].Code);
        Assert.Empty(_rig.Engine.Calls);
    }

    [Theory]
    [InlineData("restart", CommandErrors.DockerUnavailable)]
    [InlineData("logs", CommandErrors.DockerUnavailable)]
    [InlineData("list", CommandErrors.DockerUnavailable)]
    public async Task An_engine_that_is_away_is_reported_in_the_schema(string type, string code)
    {
        await _rig.Docker.StopAsync();

        Assert.Equal(code, (await _rig.ExecuteAsync(type, """{"app_code":"web"}""")).Errors![0].Code);
    }

    [Fact]
    public async Task Logs_of_a_terminal_are_stdout_and_bytes_that_are_no_UTF8_cost_no_line()
    {
        _rig.Docker.AddContainer("web", web => web.Tty = true).Logs("hello").Logs([0xff, (byte)'x']);

        var report = await _rig.ExecuteAsync("logs", """{"app_code":"web"}""");

        Assert.Equal(
            [("stdout", "hello"), ("stdout", "\ufffdx")],
            CommandRig.Logs(report).Lines.Select(line => (line.Stream, line.Message)));
    }

    [Fact]
    public async Task Secrets_are_redacted_before_logs_leave_the_host_and_the_line_says_so()
    {
        _rig.Docker.AddContainer("web")
            .Logs("DB_PASSWORD=hunter2")
            .Logs("-----BEGIN RSA PRIVATE KEY-----")
            .Logs("MIIEpAIBAAKCAQEA75Lq2z9y1m0vQf3kq1Yh7wJm5h2n8s4t6u9x1c3b5n7m9q2w")
            .Logs("abcd==")
            .Logs("-----END RSA PRIVATE KEY-----")
            .Logs("ready");

        var report = await _rig.ExecuteAsync("logs", """{"app_code":"web"}""");

        Assert.Equal(
            [
                "DB_PASSWORD=***",
                "-----BEGIN RSA PRIVATE KEY-----",
                "***",
                "***",
                "-----END RSA PRIVATE KEY-----",
                "ready",
            ],
            CommandRig.Logs(report).Lines.Select(line => line.Message));
        Assert.Equal(
            [true, false, true, true, false, false], CommandRig.Logs(report).Lines.Select(line => line.Redacted));
        await CommandRig.UntilAsync(() => !_rig.Server.Statuses.IsEmpty, "an app status");
        Assert.DoesNotContain(
            _rig.Server.Statuses.First().Logs, line => line.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_line_of_1_MiB_is_cut_with_a_mark_and_the_next_one_is_whole()
    {
        _rig.Docker.AddContainer("web").Logs(Encoding.ASCII.GetBytes(new string('a', 1 << 20))).Logs("next");

        var lines = CommandRig.Logs(await _rig.ExecuteAsync("logs", """{"app_code":"web"}""")).Lines;

        Assert.Equal(2, lines.Count);
        Assert.EndsWith("[cut here: the line is longer than 64 KiB]", lines[0].Message, StringComparison.Ordinal);
        Assert.True(lines[0].Message.Length < 66_000);
        Assert.Equal("next", lines[1].Message);
    }

    [Fact]
    public async Task List_gives_all_containers_and_leaves_out_one_that_vanishes_on_the_way()
    {
        _rig.Docker.AddContainers(50);
        _rig.Docker.VanishAfterList(_rig.Docker.AddContainer("gone"));

        var report = await _rig.ExecuteAsync("list");

        var result = report.Result!.Value.Deserialize(WireJson.Default.ListResult)!;
        Assert.Equal(ReportRequest.Success, report.Status);
        Assert.Equal(50, result.Containers.Count);
        Assert.DoesNotContain(result.Containers, container => container.Name == "gone");
    }
}
