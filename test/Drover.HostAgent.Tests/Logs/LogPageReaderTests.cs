using System.Globalization;
using Drover.HostAgent.Commands;
using Drover.HostAgent.Logs;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Logs;

namespace Drover.HostAgent.Tests.Logs;

public sealed class LogPageReaderTests
{
    private readonly LogFile _file = new();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(400)]
    [InlineData(999)]
    [InlineData(1000)]
    public async Task Pages_over_1000_lines_of_one_nanosecond_lose_and_repeat_nothing(int limit)
    {
        for (var line = 0; line < 1000; line++)
        {
            _file.Add($"line {line}", at: 5);
        }

        Assert.Equal(Numbers(0, 1000), await AllPagesAsync(limit, Since(0)));
    }

    [Fact]
    public async Task Pages_over_many_times_and_both_streams_lose_and_repeat_nothing()
    {
        var random = new Random(7);
        for (var (line, at) = (0, 0L); line < 2000; line++, at += random.Next(3) == 0 ? random.Next(1_500_000_000) : 0)
        {
            _file.Add($"line {line}", at, stderr: random.Next(2) == 0);
        }

        Assert.Equal(Numbers(0, 2000), await AllPagesAsync(33, Since(0)));
    }

    [Fact]
    public async Task The_newest_page_of_lines_of_one_nanosecond_is_followed_by_new_lines_only()
    {
        for (var line = 0; line < 1000; line++)
        {
            _file.Add($"line {line}", at: 5);
        }

        var newest = await ReadAsync(new LogPageRequest("web", null, null, null, LogBounds.Page(400)));
        _file.Add("line 1000", at: 5);
        _file.Add("line 1001", at: 6);
        var next = await ReadAsync(new LogPageRequest("web", newest.Cursor, null, null, LogBounds.Page(400)));

        Assert.Equal(Numbers(600, 400), newest.Lines.Select(line => line.Message));
        Assert.Equal(["line 1000", "line 1001"], next.Lines.Select(line => line.Message));
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, false)]
    [InlineData(11, true)]
    public async Task Truncated_is_true_only_when_more_lines_exist(int lines, bool truncated)
    {
        for (var line = 0; line < lines; line++)
        {
            _file.Add($"line {line}", at: line);
        }

        Assert.Equal(
            truncated, (await ReadAsync(new LogPageRequest("web", null, null, null, LogBounds.Page(10)))).Truncated);
        Assert.Equal(
            truncated,
            (await ReadAsync(new LogPageRequest("web", null, Since(0), null, LogBounds.Page(10)))).Truncated);
    }

    [Fact]
    public async Task Streams_are_chosen_before_the_limit_so_a_page_is_never_empty_for_want_of_the_other_stream()
    {
        _file.Add("line 0", at: 0);
        _file.Add("line 1", at: 1);
        for (var noise = 0; noise < 5_000; noise++)
        {
            _file.Add("noise", at: 2 + noise, stderr: true);
        }

        var page = await ReadAsync(new LogPageRequest("web", null, null, ["stdout"], LogBounds.Page(2)));

        Assert.Equal(["line 0", "line 1"], page.Lines.Select(line => line.Message));
        Assert.False(page.Truncated);
    }

    [Fact]
    public async Task A_cursor_holds_for_every_choice_of_streams()
    {
        for (var line = 0; line < 10; line++)
        {
            _file.Add($"line {line}", at: 5, stderr: line % 2 == 0);
        }

        var first = await ReadAsync(new LogPageRequest("web", null, Since(0), ["stdout"], LogBounds.Page(2)));
        var rest = await ReadAsync(new LogPageRequest("web", first.Cursor, null, null, LogBounds.Page(100)));

        Assert.Equal(["line 1", "line 3"], first.Lines.Select(line => line.Message));
        Assert.Equal(
            ["line 5", "line 6", "line 7", "line 8", "line 9"],
            rest.Lines.Select(line => line.Message).Where(line => line != "line 4"));
    }

    [Fact]
    public async Task A_log_rotated_between_two_pages_goes_on_behind_the_cursor_without_a_repeat()
    {
        for (var line = 0; line < 100; line++)
        {
            _file.Add($"line {line}", at: line);
        }

        var first = await ReadAsync(new LogPageRequest("web", null, Since(0), null, LogBounds.Page(40)));
        _file.Rotate(60);
        var second = await ReadAsync(new LogPageRequest("web", first.Cursor, null, null, LogBounds.Page(1000)));

        Assert.Equal(Numbers(60, 40), second.Lines.Select(line => line.Message));
    }

    [Fact]
    public async Task A_line_that_stands_a_place_behind_a_later_one_is_not_lost_at_the_end_of_a_page()
    {
        _file.Add("line 0", at: 10);
        _file.Add("line 2", at: 30);
        _file.Add("line 1", at: 20, stderr: true);
        _file.Add("line 3", at: 40);

        Assert.Equal(Numbers(0, 4), await AllPagesAsync(1, Since(0)));
    }

    [Theory]
    [InlineData(1, 3000)]
    [InlineData(97, 3000)]
    [InlineData(1000, 4095)]
    public async Task A_line_that_the_engine_wrote_thousands_of_places_late_is_neither_lost_nor_out_of_order(
        int limit, int late)
    {
        // The writer of one stream lost the processor between stamping its first line and writing it.
        for (var line = 1; line <= late; line++)
        {
            _file.Add($"line {line}", at: line);
        }

        _file.Add("line 0", at: 0, stderr: true);

        var request = new LogPageRequest("web", null, Since(0), null, LogBounds.Page(limit));
        var page = await ReadAsync(request);
        var rest = await ReadAsync(request with { Cursor = page.Cursor, Bounds = LogBounds.Page(late) });

        Assert.Equal(Numbers(0, limit), page.Lines.Select(line => line.Message));
        Assert.Equal(Numbers(limit, late + 1 - limit), rest.Lines.Select(line => line.Message));
    }

    [Fact]
    public async Task Lines_held_back_for_an_earlier_one_are_bounded_by_their_text_too()
    {
        var text = new string('x', 64 * 1024);
        for (var line = 0; line < 200; line++)
        {
            _file.Add(text, at: line);
        }

        var window = new ReorderWindow();
        var held = 0;
        await foreach (var line in _file.LogsAsync("web", new LogQuery(), TestContext.Current.CancellationToken))
        {
            window.Add(line);
            held += window.TryTakeOverflow(out _) ? 0 : 1;
        }

        Assert.Equal((4 << 20) / text.Length, held);
    }

    [Fact]
    public async Task A_private_key_over_a_page_border_leaves_no_line_of_its_body()
    {
        _file.Add("-----BEGIN PRIVATE KEY-----", at: 1);
        for (var line = 0; line < 5; line++)
        {
            _file.Add("c2VjcmV0" + line, at: 2 + line);
        }

        _file.Add("-----END PRIVATE KEY-----", at: 9);
        _file.Add("done", at: 10);

        Assert.Equal(
            ["-----BEGIN PRIVATE KEY-----", "***", "***", "***", "***", "***", "-----END PRIVATE KEY-----", "done"],
            await AllPagesAsync(2, Since(0)));
        var newest = await ReadAsync(new LogPageRequest("web", null, null, null, LogBounds.Page(4)));
        Assert.Equal(["***", "***", "-----END PRIVATE KEY-----", "done"], newest.Lines.Select(line => line.Message));
    }

    [Fact]
    public async Task A_page_of_long_lines_is_bounded_and_says_that_there_is_more()
    {
        for (var line = 0; line < 100; line++)
        {
            _file.Add(new string('x', 60_000) + line.ToString(CultureInfo.InvariantCulture), at: line);
        }

        var onwards = await ReadAsync(new LogPageRequest("web", null, Since(0), null, LogBounds.Page(1000)));
        var newest = await ReadAsync(new LogPageRequest("web", null, null, null, LogBounds.Page(1000)));

        Assert.All((LogPage[])[onwards, newest], page => Assert.True(page.Truncated));
        Assert.All(
            (LogPage[])[onwards, newest],
            page => Assert.InRange(page.Lines.Sum(line => line.Message.Length), 60_000, 600_000));
        Assert.EndsWith("x99", newest.Lines[^1].Message, StringComparison.Ordinal);
        Assert.Equal(100, (await AllPagesAsync(1000, Since(0))).Count);
    }

    [Fact]
    public async Task A_log_without_lines_has_no_cursor_and_is_not_truncated()
    {
        var page = await ReadAsync(new LogPageRequest("web", null, null, null, LogBounds.Page(10)));

        Assert.Empty(page.Lines);
        Assert.Null(page.Cursor);
        Assert.False(page.Truncated);
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05.123456789Z#3", "2026-01-02T03:04:05.123456789Z#3")]
    [InlineData("2026-01-02T04:04:05+01:00#0", "2026-01-02T03:04:05.000000000Z#0")]
    public void A_cursor_is_read_and_written(string text, string written)
    {
        Assert.True(LogCursor.TryParse(text, out var cursor));
        Assert.Equal(written, cursor.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("#")]
    [InlineData("2026-01-02T03:04:05Z")]
    [InlineData("2026-01-02T03:04:05Z#-1")]
    [InlineData("2026-01-02T03:04:05Z#99999999999")]
    [InlineData("1700000000#1")]
    public void What_is_no_cursor_is_refused(string text) => Assert.False(LogCursor.TryParse(text, out _));

    private static EngineTimestamp Since(long nanos) => EngineTimestamp.FromUnixNanos(LogFile.Birth + nanos);

    private static IEnumerable<string> Numbers(int first, int count) =>
        Enumerable.Range(first, count).Select(number => $"line {number}");

    private Task<LogPage> ReadAsync(LogPageRequest request) =>
        new LogPageReader(_file).ReadAsync(request, new LineRedactor(), TestContext.Current.CancellationToken);

    private async Task<List<string>> AllPagesAsync(int limit, EngineTimestamp since)
    {
        var lines = new List<string>();
        LogPage page;
        LogCursor? cursor = null;
        do
        {
            page = await ReadAsync(new LogPageRequest("web", cursor, since, null, LogBounds.Page(limit)));
            Assert.InRange(page.Lines.Count, page.Truncated ? 1 : 0, limit);
            lines.AddRange(page.Lines.Select(line => line.Message));
            cursor = page.Cursor;
        }
        while (page.Truncated);
        return lines;
    }

    /// <summary>A log file as the engine reads it: since and until by time, then the tail.</summary>
    private sealed class LogFile : IContainerEngine
    {
        public const long Birth = 1_700_000_000_000_000_000;
        private readonly List<LogLine> _lines = [];

        public void Add(string text, long at, bool stderr = false)
        {
            var moment = EngineTimestamp.FromUnixNanos(Birth + at);
            _lines.Add(
                new LogLine(stderr ? LogSource.Stderr : LogSource.Stdout, text, moment, moment.ToString(), false));
        }

        public void Rotate(int lines) => _lines.RemoveRange(0, lines);

        public async IAsyncEnumerable<LogLine> LogsAsync(
            string id,
            LogQuery query,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            var wanted = _lines.Where(line => query.Since is not { } since || line.Timestamp >= since).ToList();
            foreach (var line in wanted.TakeLast(query.Tail ?? int.MaxValue))
            {
                if (query.Until is { } until && line.Timestamp > until)
                {
                    yield break;
                }

                yield return line;
            }
        }

        public Task<IReadOnlyList<ContainerSummary>> ListAsync(CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<ContainerInspect> InspectAsync(string id, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> StartAsync(string id, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<bool> StopAsync(string id, TimeSpan grace, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task RestartAsync(string id, TimeSpan grace, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task KillAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
