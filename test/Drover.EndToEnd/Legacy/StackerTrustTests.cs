using Drover.Testing.Legacy;

namespace Drover.EndToEnd.Legacy;

/// <summary>Our published host agent at a Stacker: the token, and what no bad day may lose or double.</summary>
public sealed class StackerTrustTests
{
    [Fact]
    public async Task A_rotated_token_is_read_from_its_file_and_the_refused_call_made_again_at_once()
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        var old = bench.Server.Token;
        var next = ScriptedStacker.NewToken();
        bench.WriteToken(next);
        bench.Server.Token = next;

        // Whichever call is the first to meet the rotation is refused and made again, signed anew.
        var met = bench.Server.Requests.Count;
        var report = await bench.RunAsync("health", """{"app_code":"web"}""");
        Assert.Equal("success", report.GetProperty("status").GetString());
        var since = bench.Server.Requests.Skip(met).ToList();
        var refused = since.First(request => request.Headers["Authorization"] == "Bearer " + old);
        var again = since.First(request =>
            request.Path == refused.Path && request.Headers["Authorization"] == "Bearer " + next);
        Assert.InRange((again.At - refused.At).TotalSeconds, 0, 1);
        Assert.Equal(refused.Body, again.Body);
        Assert.NotEqual(refused.Headers["X-Request-Id"], again.Headers["X-Request-Id"]);
        Assert.Equal(OldAgent.Signature(next, again.Body), again.Headers["X-Agent-Signature"]);
    }

    [Fact]
    public async Task A_400_that_distrusts_the_token_is_met_by_one_look_into_the_file_and_then_a_pause()
    {
        await using var bench = await StackerBench.SetUpAsync();
        bench.Engine.AddContainer("web");
        bench.Server.AnswerOnce(StackerRequest.Wait, 400, """{"message":"Invalid agent token"}""");
        await bench.StartAgentAsync();
        await bench.RunAsync("health", """{"app_code":"web"}""");

        // The file had no other token, so there was no second attempt at once but a pause, with jitter.
        var polls = bench.Server.To(StackerRequest.Wait);
        Assert.InRange((polls[1].At - polls[0].At).TotalSeconds, 4, 8);
        Assert.DoesNotContain(bench.Server.Token, bench.Agent!.Error + bench.Agent.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_refused_for_the_token_is_kept_and_sent_when_the_token_is_right_again()
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        var right = bench.Server.Token;
        var id = bench.Server.Order("restart", """{"app_code":"web"}""");
        bench.Server.Token = ScriptedStacker.NewToken();
        await bench.UntilAsync(() => bench.Server.ReportsOf(id).Count > 1, "the report was refused more than once");
        Assert.Equal("sent", bench.Server.StatusOf(id));

        bench.Server.Token = right;
        await bench.EndedAsync(id);
        Assert.Equal(1, bench.Restarts);
    }

    [Fact]
    public async Task A_report_the_server_fails_at_is_sent_again_until_it_is_taken()
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        bench.Server.AnswerOnce(StackerRequest.Report, 500);
        bench.Server.AnswerOnce(StackerRequest.Report, 503, """{"message":"later"}""");
        var id = bench.Server.Order("restart", """{"app_code":"web"}""");
        await bench.EndedAsync(id);
        Assert.Equal(3, bench.Server.ReportsOf(id).Count);
        Assert.Equal(1, bench.Restarts);
    }

    [Fact]
    public async Task Killed_between_execution_and_report_the_outcome_still_arrives_and_nothing_runs_twice()
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        bench.Server.ActOnce(StackerRequest.Report, async context =>
        {
            await bench.KillAgentAsync();
            context.Abort();
        });
        var id = bench.Server.Order("restart", """{"app_code":"web"}""");
        await bench.UntilAsync(() => bench.Agent!.HasExited, "the agent was killed");
        Assert.Equal("sent", bench.Server.StatusOf(id));

        await bench.StartAgentAsync();
        await bench.EndedAsync(id);
        Assert.Equal(("completed", 1), (bench.Server.StatusOf(id), bench.Restarts));
    }

    [Fact]
    public async Task Killed_while_a_command_runs_it_is_reported_as_interrupted_and_not_executed_again()
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        bench.Engine.Hold(
            $"/containers/{bench.Engine.Containers.Single().Id}/restart", new TaskCompletionSource().Task);
        var id = bench.Server.Order("restart", """{"app_code":"web"}""");
        await bench.UntilAsync(() => bench.Restarts == 1, "the restart has begun");
        await bench.KillAgentAsync();

        await bench.StartAgentAsync();
        await bench.EndedAsync(id);
        var report = bench.Server.ReportsOf(id)[^1].Json;
        Assert.Equal("interrupted", report.GetProperty("errors")[0].GetProperty("code").GetString());
        Assert.Equal(1, bench.Restarts);
    }

    [Fact]
    public async Task A_command_delivered_twice_is_executed_once_and_reported_again()
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        var id = bench.Server.Order("restart", """{"app_code":"web"}""");
        await bench.EndedAsync(id);
        bench.Server.Order("restart", """{"app_code":"web"}""", id);
        await bench.EndedAsync(id);
        Assert.Equal(1, bench.Restarts);
        Assert.Equal(2, bench.Server.ReportsOf(id).Count);
    }

    [Fact]
    public async Task Stopped_while_a_command_runs_and_another_waits_both_are_reported_before_the_end()
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        bench.Engine.Hold(
            $"/containers/{bench.Engine.Containers.Single().Id}/restart", new TaskCompletionSource().Task);
        var runs = bench.Server.Order("restart", """{"app_code":"web"}""");
        await bench.UntilAsync(() => bench.Restarts == 1, "the restart has begun");
        var waits = bench.Server.Order("stop", """{"app_code":"web"}""");
        await bench.UntilAsync(() => bench.Server.StatusOf(waits) == "sent", "the second is in hand");

        bench.Agent!.Signal("TERM");
        Assert.Equal(0, await bench.Agent.ExitCodeAsync());
        Assert.All(new[] { runs, waits }, id =>
        {
            // A report on its way when the agent is stopped may come twice, and then it says the same.
            var report = Assert.Single(bench.Server.ReportsOf(id).DistinctBy(each => Convert.ToHexString(each.Body)));
            Assert.Equal(
                "interrupted", report.Json.GetProperty("errors")[0].GetProperty("code").GetString());
        });
        Assert.Empty(bench.Server.Rejections);
    }

    [Fact]
    public async Task A_server_that_goes_away_and_comes_back_gets_what_waited_for_it()
    {
        await using var bench = await StackerBench.StartAsync("", "web");
        bench.Server.ActOnce(StackerRequest.Report, async context =>
        {
            context.Abort();
            await Task.CompletedTask;
        });
        var id = bench.Server.Order("restart", """{"app_code":"web"}""");
        await bench.UntilAsync(() => bench.Server.ReportsOf(id).Count == 1, "the first report was cut");
        await bench.Server.GoAwayAsync();
        await bench.Server.ComeBackAsync();
        await bench.EndedAsync(id);
        Assert.Equal(1, bench.Restarts);
    }

    [Fact]
    public async Task A_new_host_registers_as_the_installer_does_once_and_keeps_the_token_for_its_user_alone()
    {
        await using var bench = await StackerBench.SetUpAsync();
        bench.Engine.AddContainer("web");
        File.Delete(bench.TokenFile);
        bench.ConfigureToRegister();
        bench.Server.AnswerOnce(StackerRequest.Register, 503);
        await bench.StartAgentAsync();
        await bench.RunAsync("health", """{"app_code":"web"}""");

        var request = bench.Server.To(StackerRequest.Register)[^1];
        Assert.Equal(
            ["deployment_hash", "agent_version", "capabilities", "system_info"],
            request.Json.EnumerateObject().Select(field => field.Name));
        Assert.Equal(bench.Server.DeploymentHash, request.Json.GetProperty("deployment_hash").GetString());
        Assert.False(request.Headers.ContainsKey("Authorization"));
        Assert.Equal(bench.Server.Token, File.ReadAllText(bench.TokenFile).Trim());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(bench.TokenFile));

        await bench.KillAgentAsync();
        await bench.StartAgentAsync();
        await bench.RunAsync("health", """{"app_code":"web"}""");
        Assert.Equal(2, bench.Server.To(StackerRequest.Register).Count);
        Assert.DoesNotContain(bench.Server.Token, bench.Agent!.Error + bench.Agent.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_registration_ends_with_a_sentence_and_writes_nothing()
    {
        await using var bench = await StackerBench.SetUpAsync();
        File.Delete(bench.TokenFile);
        bench.ConfigureToRegister();
        bench.Server.AnswerOnce(StackerRequest.Register, 404, """{"message":"Deployment not found"}""");
        Assert.Contains("cannot register", (await bench.RefusedAsync()).MustBeRefused(), StringComparison.Ordinal);
        Assert.False(File.Exists(bench.TokenFile));
    }

    [Fact]
    public async Task A_token_file_that_cannot_be_used_is_refused_with_what_to_do()
    {
        await using var bench = await StackerBench.SetUpAsync();
        bench.WriteToken(bench.Server.Token, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", (await bench.RefusedAsync()).MustBeRefused(), StringComparison.Ordinal);
        bench.WriteToken("");
        Assert.Contains("one token of 32", (await bench.RefusedAsync()).MustBeRefused(), StringComparison.Ordinal);
        File.Delete(bench.TokenFile);
        Assert.Contains("AGENT_TOKEN", (await bench.RefusedAsync()).MustBeRefused(), StringComparison.Ordinal);
        Assert.Empty(bench.Server.Requests);
    }

    [Fact]
    public async Task A_configuration_that_cannot_work_is_refused_by_its_key()
    {
        await using var bench = await StackerBench.SetUpAsync();
        bench.Configure(agentId: "alice");
        Assert.Contains(
            "host_agent.legacy.agent_id", (await bench.RefusedAsync()).MustBeRefused(), StringComparison.Ordinal);
        bench.Configure();
        Assert.Contains(
            "nothing to enroll", (await bench.RefusedAsync("--once")).MustBeRefused(), StringComparison.Ordinal);
        Assert.Empty(bench.Server.Requests);
    }
}
