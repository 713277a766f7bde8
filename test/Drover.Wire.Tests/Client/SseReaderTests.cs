using System.Text;
using Drover.Wire.Client;

namespace Drover.Wire.Tests.Client;

public sealed class SseReaderTests
{
    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Events_are_read_with_every_line_end(string end)
    {
        var text = string.Join(
            end, ": alive", "id: 7", "event: container.died", "data: {\"a\":1}", "", "data:two", "data: lines", "", "");

        var frames = await ReadAsync(text);

        Assert.Equal(
            [new SseFrame("7", "container.died", "{\"a\":1}"), new SseFrame("7", "message", "two\nlines")], frames);
    }

    [Fact]
    public async Task Comments_empty_events_and_unknown_fields_are_ignored_and_a_cut_event_is_dropped() =>
        Assert.Equal(
            [new SseFrame(null, "message", "one")],
            await ReadAsync(": comment\n\nretry: 5\n\nfoo: bar\ndata: one\n\nid: 9\ndata: cut in the midd"));

    [Fact]
    public async Task An_empty_id_resets_it_and_a_field_without_colon_is_an_empty_value() =>
        Assert.Equal(
            [new SseFrame("1", "message", "a"), new SseFrame("", "message", "")],
            await ReadAsync("id: 1\ndata: a\n\nid\ndata\n\n"));

    [Fact]
    public async Task An_id_without_an_event_is_told_so_that_the_reader_resumes_after_it()
    {
        var told = new List<string>();

        var frames = await ReadAsync("id: 4\n\nid: 5\ndata: a\n\n: alive\nid: 9\n\n: alive\n\n", onId: told.Add);

        Assert.Equal([new SseFrame("5", "message", "a")], frames);
        Assert.Equal(["4", "9"], told);
    }

    [Fact]
    public async Task Events_that_arrive_byte_by_byte_are_the_same() =>
        Assert.Equal(
            [new SseFrame("ä", "message", "größer")],
            await ReadAsync("id: ä\r\ndata: größer\r\n\r\n", slow: true));

    [Fact]
    public async Task A_line_without_end_is_refused_before_it_fills_the_memory() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(new string('x', 5 << 20)));

    private static async Task<List<SseFrame>> ReadAsync(
        string text, bool slow = false, Action<string>? onId = null)
    {
        var frames = new List<SseFrame>();
        Stream stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await foreach (
            var frame in SseReader.ReadAsync(
                slow ? new OneByteStream(stream) : stream, onId, TestContext.Current.CancellationToken))
        {
            frames.Add(frame);
        }

        return frames;
    }

    private sealed class OneByteStream(Stream inner) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
    }
}
