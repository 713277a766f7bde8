using System.Text;
using System.Text.Json;
using Drover.HostAgent.Commands;
using Drover.Runtime.Docker;
using Drover.Runtime.Journal;
using Drover.Testing.Agents;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Commands;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.HostAgent.Tests.Commands;

/// <summary>What a report may carry, and what becomes of one that finds no room.</summary>
public sealed class ReportTests
{
    [Fact]
    public async Task A_result_too_large_for_a_small_spool_is_reported_as_failed_in_its_schema()
    {
        await using var rig = await CommandRig.CreateAsync();
        rig.ReportSpoolBytes = 1 << 20;
        var web = rig.Docker.AddContainer("web");
        for (var line = 0; line < 400; line++)
        {
            web.Logs(new string('x', 500), new EngineTimestamp(1_700_000_100 + line, 0));
        }

        rig.Start();
        var report = await rig.ExecuteAsync("logs", """{"app_code":"web"}""");

        Assert.Equal((ReportRequest.Failed, CommandErrors.Internal), (report.Status, report.Errors![0].Code));
        Assert.Contains("host_agent.report_spool", report.Error, StringComparison.Ordinal);
        await CommandRig.UntilAsync(() => rig.Runner.ReportsWaiting == 0, "nothing waits");
        Assert.Equal(
            ReportRequest.Success,
            (await rig.ExecuteAsync("logs", """{"app_code":"web","limit":10}""")).Status);
    }

    [Fact]
    public async Task Reports_that_a_full_spool_dropped_are_told_once_however_often_the_server_does_not_answer()
    {
        using var directory = new TemporaryDirectory();
        var clock = new FakeClock();
        using var journal = ExecutionJournal.Open(directory.File("executions"), clock);
        var tries = 0;
        var server = new ScriptedServer { Refusal = _ => ++tries < 5 ? ScriptedServer.Away : null };
        var told = new List<long>();
        using var reports = new ReportRunner(
            Spool.Open(directory.File("reports"), new SpoolOptions(64 << 10)), journal, server, clock, new Random(1),
            (_, dropped) => told.Add(dropped), NullLogger.Instance);
        for (var number = 0; number < 40; number++)
        {
            reports.Add(Report($"cmd_{number}", new string('x', 3_000)));
        }

        var kept = reports.Waiting;
        using var ending = new CancellationTokenSource();
        var running = reports.RunAsync(ending.Token);
        for (var steps = 0; reports.Waiting > 0 && steps < 1_000; steps++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2, TestContext.Current.CancellationToken);
        }

        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(kept, server.Reports.Count);
        Assert.Equal([40 - kept], told);
    }

    [Fact]
    public async Task What_the_engine_says_of_a_failure_leaves_the_host_without_its_secrets()
    {
        await using var rig = await CommandRig.CreateAsync();
        var web = rig.Docker.AddContainer("web");
        rig.Docker.Answer(
            $"/containers/{web.Id}/restart",
            """{"message":"cannot exec: env DB_PASSWORD=hunter2hunter2 postgres://app:s3cr3tpw@db/app"}"""u8.ToArray(),
            500);
        rig.Start();

        var report = await rig.ExecuteAsync("restart", """{"app_code":"web"}""");

        Assert.Contains("cannot exec: env DB_PASSWORD=***", report.Error, StringComparison.Ordinal);
        Assert.Contains("DB_PASSWORD=***", CommandRig.Action(report).Errors[0].Message, StringComparison.Ordinal);
        var sent = JsonSerializer.Serialize(report, WireJson.Default.ReportRequest);
        var kept = string.Concat(
            Directory.GetFiles(rig.CopyOfDisk(), "*", SearchOption.AllDirectories)
                .Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file))));
        Assert.All(
            (string[])["hunter2hunter2", "s3cr3tpw"],
            secret => Assert.DoesNotContain(secret, sent + kept, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_an_order_holds_is_not_repeated_with_its_secrets_when_it_is_refused()
    {
        await using var rig = (await CommandRig.CreateAsync()).Start();

        var report = await rig.ExecuteAsync("logs", """{"app_code":"web","since":"token=abc123def456"}""");

        Assert.Equal(CommandErrors.InvalidParameters, report.Errors![0].Code);
        Assert.DoesNotContain(
            "abc123def456", report.Result!.Value.GetRawText() + report.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sentence_of_any_length_is_bounded_and_a_key_over_several_lines_is_masked()
    {
        var key = $"cannot start:\n-----BEGIN PRIVATE KEY-----\n{new string('A', 64)}\n-----END PRIVATE KEY-----\nbad";

        var safe = SafeText.Of(key + new string('y', 100_000));

        Assert.Equal(SafeText.MaxCharacters, safe.Length);
        Assert.StartsWith("cannot start:\n", safe, StringComparison.Ordinal);
        Assert.DoesNotContain("AAAA", safe, StringComparison.Ordinal);
        Assert.Equal(safe, SafeText.Of(safe));
    }

    private static ReportRequest Report(string commandId, string error) => new(
        commandId, "hash-1", ReportRequest.Failed, DateTimeOffset.UnixEpoch, null, null, error, null,
        ControlPlanes.StatusPanel);
}
