using System.Buffers.Binary;
using System.Text;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Logs;

namespace Drover.Runtime.Tests.Docker;

/// <summary>Lines out of frames, however the bytes are cut up.</summary>
public sealed class LogDemultiplexerTests
{
    private const string Stamp = "2026-02-03T04:05:06.000000007Z";

    [Fact]
    public void Lines_come_out_the_same_wherever_the_bytes_are_cut()
    {
        byte[] bytes =
        [
            .. Frame(1, "first ünï"),
            .. Frame(2, "error one\nerror "),
            .. Frame(1, "cöde €\r\n\n"),
            .. Frame(2, "two\n"),
            .. Frame(1, "last without end"),
        ];
        (LogSource, string)[] expected =
        [
            (LogSource.Stderr, "error one"),
            (LogSource.Stdout, "first ünïcöde €\r"),
            (LogSource.Stdout, ""),
            (LogSource.Stderr, "error two"),
            (LogSource.Stdout, "last without end"),
        ];
        for (var size = 1; size <= bytes.Length; size++)
        {
            var lines = Read(bytes.Chunk(size), timestamps: false);
            Assert.Equal(expected, lines.Select(line => (line.Stream, line.Text)));
        }
    }

    [Fact]
    public void A_character_cut_between_two_frames_is_whole_again()
    {
        var euro = "€"u8.ToArray();

        var lines = Read([[.. Frame(1, euro[..1]), .. Frame(2, "between\n"), .. Frame(1, [.. euro[1..], (byte)'\n'])]],
            timestamps: false);

        Assert.Equal(["between", "€"], lines.Select(line => line.Text));
    }

    [Fact]
    public void Bytes_that_are_not_text_become_replacement_characters_and_nothing_after_them_is_lost()
    {
        byte[] broken = [.. "a"u8, 0xff, 0xc3, .. "b\n"u8, 0xe2, 0x82, (byte)'\n', .. "fine\n"u8];

        var lines = Read([Frame(1, broken)], timestamps: false);

        Assert.Equal(["a\ufffd\ufffdb", "\ufffd", "fine"], lines.Select(line => line.Text));
    }

    [Fact]
    public void A_line_longer_than_allowed_is_cut_at_a_whole_character_and_says_so_and_the_next_is_untouched()
    {
        var demultiplexer = new LogDemultiplexer(tty: false, timestamps: false, maxLineBytes: 1000);
        var lines = new Queue<LogLine>();
        demultiplexer.Add(Frame(1, string.Concat(Enumerable.Repeat("€", 400)) + "\nnext\n"), lines);

        Assert.Equal((new string('€', 333), true), (lines.Peek().Text, lines.Dequeue().IsCut));
        Assert.Equal(("next", false), (lines.Peek().Text, lines.Dequeue().IsCut));
    }

    [Fact]
    public void A_line_of_exactly_the_longest_length_is_not_cut()
    {
        var demultiplexer = new LogDemultiplexer(tty: false, timestamps: false, maxLineBytes: 1000);
        var lines = new Queue<LogLine>();
        demultiplexer.Add(Frame(1, new string('x', 1000) + "\n"), lines);

        Assert.Equal((1000, false), (lines.Peek().Text.Length, lines.Peek().IsCut));
    }

    [Fact]
    public void The_timestamp_is_kept_as_text_and_as_nanoseconds_and_an_empty_line_has_one_too()
    {
        var lines = Read([Frame(1, $"{Stamp} hello world\n"), Frame(2, $"{Stamp} \n")], timestamps: true);

        Assert.Equal(new LogLine(LogSource.Stdout, "hello world", new EngineTimestamp(1770091506, 7), Stamp,
            IsCut: false), lines[0]);
        Assert.Equal(
            new LogLine(LogSource.Stderr, "", new EngineTimestamp(1770091506, 7), Stamp, IsCut: false), lines[1]);
    }

    [Fact]
    public void The_timestamps_that_the_engine_puts_inside_a_long_line_are_taken_out()
    {
        const string Later = "2026-02-03T04:05:06.000000009Z";
        var piece = new string('x', 16 * 1024);
        byte[] bytes =
            [.. Frame(1, $"{Stamp} {piece}"), .. Frame(1, $"{Later} {piece}"), .. Frame(1, $"{Later} end\n")];
        foreach (var size in (int[])[1, 7, 4096, bytes.Length])
        {
            var line = Assert.Single(Read(bytes.Chunk(size), timestamps: true));
            Assert.Equal(piece + piece + "end", line.Text);
            Assert.Equal(Stamp, line.TimestampText);
        }
    }

    [Fact]
    public void Text_that_only_looks_like_the_start_of_a_timestamp_stays_text()
    {
        var lines = Read([Frame(1, "no stamp here\n2026-02-03\n" + new string('y', 50) + " z\n")], timestamps: true);

        Assert.Equal(["no stamp here", "2026-02-03", new string('y', 50) + " z"], lines.Select(line => line.Text));
        Assert.All(lines, line => Assert.Null(line.Timestamp));
    }

    [Fact]
    public void A_terminal_has_no_frames_and_its_line_ends_are_taken_off()
    {
        var demultiplexer = new LogDemultiplexer(tty: true, timestamps: true, maxLineBytes: 1_000_000);
        var lines = new Queue<LogLine>();
        var piece = new string('x', 16 * 1024);
        foreach (
            var chunk in Encoding.UTF8.GetBytes($"{Stamp} \u0001short\r\n{Stamp} {piece}{Stamp} {piece}\r\n").Chunk(3))
        {
            demultiplexer.Add(chunk, lines);
        }

        Assert.Equal("\u0001short", lines.Dequeue().Text);
        Assert.Equal(piece + piece, lines.Dequeue().Text);
        Assert.Empty(lines);
    }

    [Fact]
    public void Unframed_bytes_where_frames_are_due_are_refused_and_never_passed_on_as_text()
    {
        var demultiplexer = new LogDemultiplexer(tty: false, timestamps: false, maxLineBytes: 1000);

        Assert.Throws<InvalidDataException>(
            () => demultiplexer.Add("plain text of a terminal\n"u8, new Queue<LogLine>()));
    }

    [Fact]
    public void What_the_engine_says_inside_the_stream_is_no_log_line()
    {
        var demultiplexer = new LogDemultiplexer(tty: false, timestamps: true, maxLineBytes: 1000);
        var lines = new Queue<LogLine>();
        demultiplexer.Add(Frame(3, "error grabbing logs: unexpected EOF"), lines);

        Assert.Empty(lines);
        Assert.Equal("error grabbing logs: unexpected EOF", demultiplexer.EngineSaid);
    }

    [Fact]
    public void A_gigabyte_without_a_line_end_takes_no_more_memory_than_the_longest_line()
    {
        var demultiplexer = new LogDemultiplexer(tty: false, timestamps: false, maxLineBytes: 1024 * 1024);
        var lines = new Queue<LogLine>();
        var megabyte = new byte[1024 * 1024];
        Array.Fill(megabyte, (byte)'x');
        demultiplexer.Add(Header(1, 1024 * 1024 * 1024), lines);
        demultiplexer.Add(megabyte, lines);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 1; i < 1024; i++)
        {
            demultiplexer.Add(megabyte, lines);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
        demultiplexer.Add(Frame(1, "\n"), lines);
        Assert.True(Assert.Single(lines) is { IsCut: true, Text.Length: 1024 * 1024 });
    }

    private static List<LogLine> Read(IEnumerable<byte[]> chunks, bool timestamps)
    {
        var demultiplexer = new LogDemultiplexer(tty: false, timestamps, maxLineBytes: 1024 * 1024);
        var lines = new Queue<LogLine>();
        foreach (var chunk in chunks)
        {
            demultiplexer.Add(chunk, lines);
        }

        demultiplexer.Complete(lines);
        return [.. lines];
    }

    private static byte[] Frame(byte stream, string text) => Frame(stream, Encoding.UTF8.GetBytes(text));

    private static byte[] Frame(byte stream, byte[] payload) => [.. Header(stream, payload.Length), .. payload];

    private static byte[] Header(byte stream, int length)
    {
        byte[] header = [stream, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), length);
        return header;
    }
}
