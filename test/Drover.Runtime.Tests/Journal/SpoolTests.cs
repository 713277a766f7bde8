using System.Text;
using Drover.Runtime.Journal;
using Drover.Testing.Agents;

namespace Drover.Runtime.Tests.Journal;

public sealed class SpoolTests : IDisposable
{
    private static readonly SpoolOptions Small = new(64 << 10);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Entries_come_out_in_order_until_they_are_acknowledged_over_restarts()
    {
        using (var spool = Open())
        {
            Fill(spool, 1, 5);
            Assert.Equal(["1", "2", "3"], Texts(spool.Peek(3, 1000)));
            Assert.Equal(["1", "2", "3"], Texts(spool.Peek(3, 1000)));
            spool.Acknowledge(2);
        }

        using (var spool = Open())
        {
            Assert.Equal(["3", "4", "5"], Texts(spool.Peek(10, 1000)));
            Assert.Equal(3, spool.Count);
            Fill(spool, 6, 6);
            spool.Acknowledge(5);
        }

        using var last = Open();
        var batch = last.Peek(10, 1000);
        Assert.Equal((6L, 0L), (batch.Entries.Single().Number, batch.Lost));
    }

    [Fact]
    public void Numbers_go_on_after_everything_was_acknowledged_and_the_spool_reopened()
    {
        using (var spool = Open())
        {
            Fill(spool, 1, 4);
            spool.Acknowledge(4);
        }

        using var again = Open();
        Assert.Empty(again.Peek(10, 1000).Entries);
        Assert.Equal(5, again.Append("5"u8));
    }

    [Fact]
    public void An_entry_is_not_read_before_it_is_flushed()
    {
        using var spool = Open();
        spool.Append("1"u8);
        Assert.Empty(spool.Peek(10, 1000).Entries);
        spool.Flush();
        Assert.Equal(["1"], Texts(spool.Peek(10, 1000)));
    }

    [Fact]
    public void A_batch_keeps_to_its_bounds_but_has_at_least_one_entry()
    {
        using var spool = Open();
        for (var i = 0; i < 4; i++)
        {
            spool.Append(new byte[100]);
        }

        spool.Flush();
        Assert.Single(spool.Peek(10, 50).Entries);
        Assert.Equal(2, spool.Peek(10, 250).Entries.Count);
        Assert.Equal(3, spool.Peek(3, 10_000).Entries.Count);
    }

    [Fact]
    public void A_cut_at_every_byte_keeps_all_entries_before_it_and_the_next_append_is_whole()
    {
        using (var spool = Open())
        {
            Fill(spool, 1, 3);
        }

        var segment = Directory.GetFiles(_directory.Path, "*.seg").Single();
        var whole = File.ReadAllBytes(segment);
        for (var cut = 0; cut <= whole.Length; cut++)
        {
            File.WriteAllBytes(segment, whole[..cut]);
            File.Delete(_directory.File("position"));
            using (var spool = Open())
            {
                var kept = cut / (whole.Length / 3);
                Assert.Equal(Enumerable.Range(1, kept).Select(i => $"{i}"), Texts(spool.Peek(10, 1000)));
                Assert.Equal(kept + 1, spool.Append("new"u8));
                spool.Flush();
            }

            using var again = Open();
            Assert.Equal("new", Texts(again.Peek(10, 1000))[^1]);
            Assert.Equal(0, again.Peek(10, 1000).Lost);
        }
    }

    [Fact]
    public void A_cut_of_the_position_at_every_byte_goes_back_by_one_acknowledgement_at_most()
    {
        using (var spool = Open())
        {
            Fill(spool, 1, 3);
            spool.Acknowledge(1);
            spool.Acknowledge(2);
        }

        var position = _directory.File("position");
        var whole = File.ReadAllBytes(position);
        for (var damaged = 0; damaged < whole.Length; damaged++)
        {
            var bytes = (byte[])whole.Clone();
            bytes[damaged] ^= 0xFF;
            File.WriteAllBytes(position, bytes);
            using var spool = Open();
            Assert.InRange(spool.Peek(10, 1000).Entries[0].Number, 2, 3);
        }
    }

    [Fact]
    public void A_damaged_record_costs_that_record_and_is_counted_as_a_loss()
    {
        using (var spool = Open())
        {
            Fill(spool, 1, 3);
        }

        var segment = Directory.GetFiles(_directory.Path, "*.seg").Single();
        var bytes = File.ReadAllBytes(segment);
        bytes[(bytes.Length / 3) + 8] ^= 0x40;
        File.WriteAllBytes(segment, bytes);

        using var again = Open();
        Assert.Equal(["1"], Texts(again.Peek(10, 1000)));
        again.Acknowledge(1);
        var batch = again.Peek(10, 1000);
        Assert.Equal(1, batch.Lost);
        Assert.Equal(["3"], Texts(batch));
    }

    [Fact]
    public void A_full_spool_drops_the_oldest_and_says_how_many_also_after_a_restart()
    {
        const int Entries = 1000;
        using (var spool = Open())
        {
            for (var i = 1; i <= Entries; i++)
            {
                spool.Append(new byte[200]);
            }

            spool.Flush();
            Assert.InRange(spool.Bytes, 1, Small.MaxBytes);
            Assert.True(spool.Peek(1, 1).Lost > 0);
        }

        using var again = Open();
        var delivered = 0L;
        var lost = 0L;
        for (var batch = again.Peek(50, 100_000); batch.Entries.Count > 0; batch = again.Peek(50, 100_000))
        {
            lost += batch.Lost;
            delivered += batch.Entries.Count;
            again.Acknowledge(batch.Entries[^1].Number);
        }

        Assert.Equal(Entries, delivered + lost);
        Assert.InRange(delivered, Small.MaxBytes * 3 / 4 / 220, Small.MaxBytes / 220);
    }

    [Fact]
    public void Entries_delivered_while_they_were_being_dropped_are_not_called_lost()
    {
        using var spool = Open();
        spool.Append(new byte[200]);
        spool.Flush();
        var inFlight = spool.Peek(1, 1000);
        while (spool.Peek(1, 1).Lost == 0)
        {
            spool.Append(new byte[200]);
            spool.Flush();
        }

        var first = spool.Peek(1, 1);
        spool.Acknowledge(inFlight.Entries[0].Number);
        Assert.Equal(first.Lost - 1, spool.Peek(1, 1).Lost);
    }

    [Fact]
    public void What_is_acknowledged_leaves_the_disk()
    {
        using var spool = Open(new SpoolOptions(8 << 20));
        for (var i = 0; i < 100; i++)
        {
            spool.Append(new byte[50_000]);
        }

        spool.Flush();
        spool.Acknowledge(100);
        Assert.Equal(0, spool.Bytes);
        Assert.Empty(Directory.GetFiles(_directory.Path, "*.seg"));
        Assert.Equal(101, spool.Append("next"u8));
    }

    [Fact]
    public void An_entry_larger_than_the_bound_is_refused_and_changes_nothing()
    {
        using var spool = Open();
        Assert.Throws<ArgumentException>(() => spool.Append(new byte[Small.MaxEntryBytes + 1]));
        Fill(spool, 1, 1);
        Assert.Equal(["1"], Texts(spool.Peek(10, 1000)));
    }

    [Fact]
    public void A_log_keeps_its_records_over_a_cut_and_is_rewritten_whole()
    {
        var path = _directory.File("journal");
        using (var log = RecordLog.Open(path))
        {
            log.Append("one"u8);
            log.Append("two"u8);
        }

        using (var stream = File.OpenWrite(path))
        {
            stream.SetLength(stream.Length - 1);
        }

        using (var log = RecordLog.Open(path))
        {
            Assert.Equal(["one"], Texts(log));
            log.Append("three"u8);
            log.Rewrite(log.ReadAll().Skip(1));
            log.Append("four"u8);
            Assert.Equal(["three", "four"], Texts(log));
        }

        using var again = RecordLog.Open(path);
        Assert.Equal(["three", "four"], Texts(again));
        Assert.Equal([path], Directory.GetFiles(_directory.Path));
    }

    private Spool Open(SpoolOptions? options = null) => Spool.Open(_directory.Path, options ?? Small);

    private static void Fill(Spool spool, int from, int to)
    {
        for (var i = from; i <= to; i++)
        {
            Assert.Equal(i, spool.Append(Encoding.UTF8.GetBytes($"{i}")));
        }

        spool.Flush();
    }

    private static string[] Texts(SpoolBatch batch) =>
        [.. batch.Entries.Select(entry => Encoding.UTF8.GetString(entry.Payload.Span))];

    private static string[] Texts(RecordLog log) =>
        [.. log.ReadAll().Select(record => Encoding.UTF8.GetString(record.Span))];
}
