using Drover.HostAgent.Logs;
using Drover.HostAgent.Tests.Commands;
using Drover.Runtime.Docker;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Tests.Logs;

/// <summary>Followed logs, from the request in a wait's answer to the last line of the upload.</summary>
public sealed class LogFollowTests : IAsyncLifetime
{
    private static readonly EngineTimestamp Start = new(1_700_000_100, 0);

    private CommandRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = (await CommandRig.CreateAsync()).Start();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_follow_gives_the_tail_and_then_each_new_line_redacted_with_a_cursor()
    {
        var web = _rig.Docker.AddContainer("web").Logs("one", Start).Logs("two", Start).Logs("three", Start);
        var upload = await WatchAsync("s1", tail: 2);
        await LinesAsync(upload, 2);

        web.Logs("token=abc123def", At(1)).Logs("five", At(1), stderr: true);
        await LinesAsync(upload, 4);

        Assert.Equal(["two", "three", "token=***", "five"], upload.Lines.Select(line => line.Message));
        Assert.Equal([false, false, true, false], upload.Lines.Select(line => line.Redacted));
        Assert.Equal(["stdout", "stdout", "stdout", "stderr"], upload.Lines.Select(line => line.Stream));
        Assert.Equal([null, $"{Start}#3", $"{At(1)}#1", $"{At(1)}#2"], upload.Lines.Select(line => line.Cursor));
    }

    [Theory]
    [InlineData(2, "four five six")]
    [InlineData(10, "three four five six")]
    public async Task A_follow_since_a_time_begins_with_the_newest_of_its_lines_where_a_tail_is_asked_too(
        int tail, string expected)
    {
        var web = _rig.Docker.AddContainer("web").Logs("one", Start).Logs("two", At(1)).Logs("three", At(2))
            .Logs("four", At(3)).Logs("five", At(3));
        var upload = await WatchAsync("s1", since: $"{At(2)}", tail: tail);
        await LinesAsync(upload, expected.Split(' ').Length - 1);

        web.Logs("six", At(4));
        await LinesAsync(upload, expected.Split(' ').Length);

        Assert.Equal(expected.Split(' '), upload.Lines.Select(line => line.Message));
    }

    [Fact]
    public async Task A_follow_with_a_tail_since_a_time_after_all_lines_gives_what_is_written_next()
    {
        var web = _rig.Docker.AddContainer("web").Logs("old", Start);
        var upload = await WatchAsync("s1", since: $"{At(5)}", tail: 10);

        web.Logs("too old", At(4)).Logs("new", At(6));
        await LinesAsync(upload, 1);

        Assert.Equal("new", Assert.Single(upload.Lines).Message);
    }

    [Fact]
    public async Task A_follow_from_a_cursor_loses_and_repeats_nothing()
    {
        var web = _rig.Docker.AddContainer("web");
        for (var line = 0; line < 100; line++)
        {
            web.Logs($"line {line}", Start);
        }

        var upload = await WatchAsync("s1", since: $"{Start}#60");
        web.Logs("line 100", Start);
        await LinesAsync(upload, 41);

        Assert.Equal(
            Enumerable.Range(60, 41).Select(number => $"line {number}"), upload.Lines.Select(line => line.Message));
        Assert.Equal($"{Start}#101", upload.Lines[^1].Cursor);
    }

    [Fact]
    public async Task A_restart_of_the_container_within_a_follow_goes_on_behind_the_last_line()
    {
        var web = _rig.Docker.AddContainer("web").Logs("before", Start);
        var upload = await WatchAsync("s1");
        await LinesAsync(upload, 1);

        web.State = "restarting";
        _rig.Docker.BreakConnections();
        web.Logs("while away", At(1));
        web.State = "running";
        await AdvanceUntilAsync(() => upload.Lines.Count == 2);
        web.Logs("after", At(2));
        await LinesAsync(upload, 3);

        Assert.Equal(["before", "while away", "after"], upload.Lines.Select(line => line.Message));
    }

    [Fact]
    public async Task A_container_that_stops_and_stays_so_ends_the_follow_with_its_exit_code()
    {
        _rig.Docker.AddContainer("web", web => (web.State, web.ExitCode) = ("exited", 3)).Logs("bye", Start);
        var upload = await WatchAsync("s1");

        await AdvanceUntilAsync(() => upload.Ended);

        Assert.Equal("bye", upload.Lines[0].Message);
        Assert.Equal("the container stopped with exit code 3", upload.Lines[^1].End);
    }

    [Fact]
    public async Task A_container_that_is_removed_ends_the_follow()
    {
        var web = _rig.Docker.AddContainer("web").Logs("hello", Start);
        var upload = await WatchAsync("s1");
        await LinesAsync(upload, 1);

        _rig.Docker.RemoveContainer(web);
        _rig.Docker.BreakConnections();
        await AdvanceUntilAsync(() => upload.Ended);

        Assert.Equal("the container was removed", upload.Lines[^1].End);
    }

    [Fact]
    public async Task An_unknown_app_ends_the_follow_at_once_with_a_sentence()
    {
        var upload = await WatchAsync("s1");

        await CommandRig.UntilAsync(() => upload.Ended, "the end");
        Assert.StartsWith("cannot find app \"web\"", Assert.Single(upload.Lines).End, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_closing_the_upload_stops_a_follow_of_a_silent_log()
    {
        _rig.Docker.AddContainer("web").Logs("hello", Start);
        var upload = await WatchAsync("s1");
        await LinesAsync(upload, 1);

        upload.Closed = true;
        await AdvanceUntilAsync(() => _rig.Runner.Follows == 0);
    }

    [Fact]
    public async Task More_followers_than_16_are_refused_with_a_sentence_and_the_others_go_on()
    {
        var web = _rig.Docker.AddContainer("web").Logs("hello", Start);
        for (var stream = 0; stream < 16; stream++)
        {
            await LinesAsync(await WatchAsync($"s{stream}"), 1);
        }

        var refused = await WatchAsync("s16");
        await CommandRig.UntilAsync(() => refused.Ended, "the end");
        Assert.Contains("16 logs", Assert.Single(refused.Lines).End, StringComparison.Ordinal);

        web.Logs("still here", At(1));
        for (var stream = 0; stream < 16; stream++)
        {
            await LinesAsync(_rig.Server.Uploads[$"s{stream}"], 2);
        }
    }

    [Fact]
    public async Task Only_the_streams_asked_for_are_sent()
    {
        _rig.Docker.AddContainer("web").Logs("out", Start).Logs("err", At(1), stderr: true);
        _rig.Server.Watch(new StreamRequestDto("s1", "web", null, null, null, ["stderr"]));
        await CommandRig.UntilAsync(() => _rig.Server.Uploads.ContainsKey("s1"), "an upload");

        await LinesAsync(_rig.Server.Uploads["s1"], 1);
        Assert.Equal("err", _rig.Server.Uploads["s1"].Lines[0].Message);
    }

    [Fact]
    public async Task Commands_go_on_while_logs_are_followed()
    {
        _rig.Docker.AddContainer("web").Logs("hello", Start);
        await LinesAsync(await WatchAsync("s1"), 1);

        Assert.Equal(ReportRequest.Success, (await _rig.ExecuteAsync("health", """{"app_code":"web"}""")).Status);
    }

    [Fact]
    public async Task A_host_that_does_not_allow_logs_does_not_let_them_be_followed_either()
    {
        await using var rig = await CommandRig.CreateAsync();
        rig.Policy = new HostPolicy { AllowedTypes = ["health"] };
        rig.Docker.AddContainer("web").Logs("hello", Start);
        rig.Start();

        rig.Server.Watch(new StreamRequestDto("s1", "web", null, null, null, null));
        await CommandRig.UntilAsync(() => rig.Server.Uploads.TryGetValue("s1", out var one) && one.Ended, "the end");

        var line = Assert.Single(rig.Server.Uploads["s1"].Lines);
        Assert.Contains("host_agent.policy.allowed_types", line.End, StringComparison.Ordinal);
        Assert.Equal(0, rig.Engine.Count("list"));
    }

    [Fact]
    public async Task The_reason_why_a_follow_ends_carries_no_secret()
    {
        var web = _rig.Docker.AddContainer("web");
        var said = """{"message":"log driver failed: DB_PASSWORD=hunter2hunter2"}"""u8.ToArray();
        _rig.Docker.Answer($"/containers/{web.Id}/logs", said, 500);

        var upload = await WatchAsync("s1");
        await CommandRig.UntilAsync(() => upload.Ended, "the end");

        var end = Assert.Single(upload.Lines).End;
        Assert.EndsWith("log driver failed: DB_PASSWORD=***", end, StringComparison.Ordinal);
    }

    private static EngineTimestamp At(int seconds) => Start with { Seconds = Start.Seconds + seconds };

    private async Task<ScriptedServer.Upload> WatchAsync(string id, int? tail = null, string? since = null)
    {
        _rig.Server.Watch(new StreamRequestDto(id, "web", null, since, tail, null));
        await CommandRig.UntilAsync(() => _rig.Server.Uploads.ContainsKey(id), "an upload");
        return _rig.Server.Uploads[id];
    }

    // A line is given when the hold on it has passed.
    private Task LinesAsync(ScriptedServer.Upload upload, int count) =>
        AdvanceUntilAsync(() => upload.Lines.Count >= count, LineReorder.Hold);

    private Task AdvanceUntilAsync(Func<bool> condition) =>
        AdvanceUntilAsync(condition, TimeSpan.FromMilliseconds(500));

    private async Task AdvanceUntilAsync(Func<bool> condition, TimeSpan step)
    {
        for (var steps = 0; !condition() && steps < 1000; steps++)
        {
            _rig.Clock.Advance(step);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.True(condition());
    }
}
