using System.Text;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Logs;
using Drover.Testing.Docker;

namespace Drover.Runtime.Tests.Docker;

/// <summary>Logs of a real engine.</summary>
public sealed class LogTests(SharedDockerEngine shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_streams_come_apart_and_in_order_with_the_engines_timestamps()
    {
        var engine = await shared.GetAsync();
        var id = await RunToEndAsync(
            engine, "two-streams", "for i in 1 2 3; do echo out $i; sleep 0.05; echo err $i >&2; sleep 0.05; done");

        var lines = await ReadAsync(engine, id, new LogQuery());

        Assert.Equal(["out 1", "err 1", "out 2", "err 2", "out 3", "err 3"], lines.Select(line => line.Text));
        Assert.All(lines, line =>
            Assert.Equal(line.Text.StartsWith("err", StringComparison.Ordinal), line.Stream is LogSource.Stderr));
        Assert.All(lines, line => Assert.Equal(line.TimestampText, line.Timestamp.ToString()));
        Assert.Equal(["err 1", "err 2", "err 3"],
            (await ReadAsync(engine, id, new LogQuery { Stdout = false })).Select(line => line.Text));
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task A_terminal_containers_log_is_readable_text_and_not_taken_for_frames()
    {
        var engine = await shared.GetAsync();
        var id = await engine.RunAsync("tty-log", DockerEngine.Shell("echo hello; echo error >&2"), tty: true);
        await engine.Client.Containers.WaitAsync(id, Runtime.Docker.Containers.WaitCondition.NotRunning, Token);

        var lines = await ReadAsync(engine, id, new LogQuery());

        Assert.Equal(["hello", "error"], lines.Select(line => line.Text));
        Assert.All(lines, line => Assert.Equal(LogSource.Stdout, line.Stream));
        Assert.All(lines, line => Assert.NotNull(line.Timestamp));
        await engine.RemoveAsync(id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_line_of_one_mebibyte_comes_whole_without_the_timestamps_the_engine_puts_into_it(bool tty)
    {
        var engine = await shared.GetAsync();
        const string Line = "head -c 1048576 /dev/zero | tr '\\0' x; echo; echo after";
        var id = await engine.RunAsync($"long-line-{tty}", DockerEngine.Shell(Line), tty: tty);
        await engine.Client.Containers.WaitAsync(id, Runtime.Docker.Containers.WaitCondition.NotRunning, Token);

        var lines = await ReadAsync(engine, id, new LogQuery());

        Assert.Equal(2, lines.Count);
        Assert.Equal(new string('x', 1024 * 1024), lines[0].Text);
        Assert.False(lines[0].IsCut);
        Assert.Equal("after", lines[1].Text);
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task Bytes_that_are_not_text_do_not_spoil_the_lines_after_them()
    {
        var engine = await shared.GetAsync();
        var id = await RunToEndAsync(engine, "binary-log", "printf 'a\\377b\\n'; echo fine");

        var lines = await ReadAsync(engine, id, new LogQuery());

        Assert.Equal(["a\ufffdb", "fine"], lines.Select(line => line.Text));
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task Tail_since_and_until_choose_lines_to_the_nanosecond()
    {
        var engine = await shared.GetAsync();
        var id = await RunToEndAsync(engine, "chosen-lines", "for i in 1 2 3 4 5; do echo $i; sleep 0.02; done");
        var all = await ReadAsync(engine, id, new LogQuery());
        var third = all[2].Timestamp!.Value;

        Assert.Equal(["4", "5"], (await ReadAsync(engine, id, new LogQuery { Tail = 2 })).Select(line => line.Text));
        Assert.Equal(
            ["3", "4", "5"], (await ReadAsync(engine, id, new LogQuery { Since = third })).Select(line => line.Text));
        Assert.Equal(
            ["1", "2", "3"], (await ReadAsync(engine, id, new LogQuery { Until = third })).Select(line => line.Text));
        var afterThird = third with { Nanos = third.Nanos + 1 };
        Assert.Equal(
            ["4", "5"], (await ReadAsync(engine, id, new LogQuery { Since = afterThird })).Select(line => line.Text));
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task Following_gives_lines_as_they_are_written_outlasts_the_call_timeout_and_ends_with_the_container()
    {
        var engine = await shared.GetAsync();
        using var client = engine.Connect(new DockerClientOptions { CallTimeout = TimeSpan.FromMilliseconds(500) });
        var id = await engine.RunAsync("followed", DockerEngine.Shell(
            "echo one; until [ -e /tmp/gate ]; do sleep 0.05; done; sleep 0.7; echo two"));
        await using var lines = client.Containers
            .LogsAsync(id, new LogQuery { Follow = true }, cancellationToken: Token)
            .GetAsyncEnumerator(Token);

        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("one", lines.Current.Text);
        var open = await engine.Client.Exec.CreateAsync(id, new() { Cmd = ["touch", "/tmp/gate"] }, Token);
        await engine.Client.Exec.StartDetachedAsync(open, Token);
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("two", lines.Current.Text);
        Assert.False(await lines.MoveNextAsync());
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task Cancelling_ends_a_follow_at_once()
    {
        var engine = await shared.GetAsync();
        var id = await engine.RunAsync("left-early", DockerEngine.Shell("echo one; sleep 3600"));
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var read = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var line in engine.Client.Containers.LogsAsync(id, new LogQuery { Follow = true },
                tty: false, leaving.Token))
            {
                read++;
                await leaving.CancelAsync();
            }
        });

        Assert.Equal(1, read);
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task A_log_that_is_rotated_while_it_is_followed_goes_on()
    {
        var engine = await shared.GetAsync();
        var host = new Runtime.Docker.Containers.HostConfig
        {
            LogConfig = new()
            {
                Type = "json-file",
                Config = new Dictionary<string, string> { ["max-size"] = "20k", ["max-file"] = "3" },
            },
        };
        var script =
            "i=0; while [ $i -lt 1500 ]; do echo line $i; i=$((i+1)); [ $((i % 100)) -eq 0 ] && sleep 0.05; done";
        var id = await engine.CreateAsync("rotated", DockerEngine.Shell(script), host: host);
        await engine.Client.Containers.StartAsync(id, Token);

        var lines = await ReadAsync(engine, id, new LogQuery { Follow = true });

        Assert.Equal("line 1499", lines[^1].Text);
        Assert.All(lines, line => Assert.Matches(@"^line \d+$", line.Text));
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task A_container_whose_log_driver_keeps_nothing_says_why_it_has_no_log()
    {
        var engine = await shared.GetAsync();
        var id = await engine.RunAsync("no-log", host: new() { LogConfig = new() { Type = "none" } });

        var refused = await Assert.ThrowsAsync<DockerApiException>(() => ReadAsync(engine, id, new LogQuery()));

        Assert.Contains("does not support reading", refused.EngineMessage, StringComparison.Ordinal);
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task A_thousand_lines_of_one_nanosecond_and_a_line_longer_than_allowed_come_through()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        var moment = new EngineTimestamp(1_700_000_000, 5);
        var web = engine.AddContainer("web");
        for (var i = 0; i < 1000; i++)
        {
            web.Logs($"line {i}", moment);
        }

        web.Logs(Encoding.UTF8.GetBytes(new string('x', 3 * 1024 * 1024)), moment, stderr: true).Logs("end", moment);
        using var client = engine.Connect();

        var lines = await client.Containers.LogsAsync(
            "web", new LogQuery { Since = moment }, cancellationToken: Token).ToListAsync(Token);

        Assert.Equal(1002, lines.Count);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"line {i}"), lines.Take(1000).Select(line => line.Text));
        Assert.True(lines[1000] is { IsCut: true, Text.Length: 1024 * 1024, Stream: LogSource.Stderr });
        Assert.Equal("end", lines[1001].Text);
    }

    private static async Task<string> RunToEndAsync(DockerEngine engine, string name, string script)
    {
        var id = await engine.RunAsync(name, DockerEngine.Shell(script));
        await engine.Client.Containers.WaitAsync(id, Runtime.Docker.Containers.WaitCondition.NotRunning, Token);
        return id;
    }

    private static async Task<List<LogLine>> ReadAsync(DockerEngine engine, string id, LogQuery query) =>
        await engine.Client.Containers.LogsAsync(id, query, cancellationToken: Token).ToListAsync(Token);
}
