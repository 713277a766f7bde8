using System.Text;
using Drover.Supervisor.Logs;

namespace Drover.Supervisor.Tests.Logs;

/// <summary>What <c>logs</c> gives of one component.</summary>
public sealed class ReaderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(2999)]
    [InlineData(3000)]
    [InlineData(9000)]
    public void The_last_lines_are_given_over_archives_too(int tail)
    {
        using var rig = Rotated(3000);

        var lines = rig.Read(new() { Tail = tail });

        var given = Math.Min(tail, 3000);
        Assert.Equal(Enumerable.Range(3000 - given, given).Select(LogRig.Line), lines.Select(line => line.Text));
    }

    [Fact]
    public void The_last_lines_of_a_terabyte_are_there_at_once()
    {
        using var rig = new LogRig(LogRig.Memory);
        rig.Logs.Prepare("web");
        using (var file = new FileStream(rig.Logs.LiveOf("web"), FileMode.Open))
        {
            file.Position = 1L << 40;
            file.Write(Encoding.UTF8.GetBytes("\n" + LogRig.Lines(0, 100)));
        }

        Assert.Equal(LogRig.Line(99), Assert.Single(rig.Read(new() { Tail = 1 })).Text);
        Assert.Equal(LogRig.Line(50), rig.Read(new() { Tail = 50 })[0].Text);
    }

    [Fact]
    public void A_line_of_more_than_a_mebibyte_comes_in_parts_and_no_character_is_cut()
    {
        using var rig = new LogRig();
        rig.Logs.Prepare("web");
        var text = "a" + new string('\u00e9', 1_300_000);
        rig.Write("before\n" + text + "\nafter\n");

        var lines = rig.Read();

        Assert.Equal(["before", "after"], [lines[0].Text, lines[^1].Text]);
        Assert.Equal([false, true, true, false, false], lines.Select(line => line.IsPart));
        Assert.Equal(text, string.Concat(lines[1..^1].Select(line => line.Text)));
        Assert.All(lines, line => Assert.True(Encoding.UTF8.GetByteCount(line.Text) <= LogLines.MaxLineBytes));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_replaced_and_nothing_else_is_changed()
    {
        using var rig = new LogRig();
        rig.Logs.Prepare("web");
        rig.Write([0x61, 0xff, 0x62, 0x0a, 0x1b, 0x5b, 0x31, 0x6d, 0x00, 0x0a, 0x0d, 0x0a, 0x63]);

        Assert.Equal(["a\ufffdb", "\u001b[1m\0", "", "c"], rig.Read().Select(line => line.Text));
    }

    [Fact]
    public void A_component_that_never_ran_has_no_lines()
    {
        using var rig = new LogRig();

        Assert.Empty(rig.Read());
        Assert.Empty(rig.Read(new() { Tail = 10, Since = rig.Clock.GetUtcNow() }));
    }

    [Theory]
    [InlineData(LogRig.Disk)]
    [InlineData(LogRig.Memory)]
    public async Task Following_gives_every_line_once_over_rotations_and_restarts(string where)
    {
        using var rig = new LogRig(where);
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        rig.Write(LogRig.Lines(0, 10));
        await using var reader = new LogReader("web", rig.Logs, new() { Follow = true, Tail = 5 }, rig.Clock);
        var seen = LogRig.Drain(reader).Select(line => line.Text).ToList();

        for (var turn = 0; turn < 20; turn++)
        {
            rig.Write(LogRig.Lines(10 + (turn * 900), 900));
            rig.Clock.Advance(LogKeeper.IdleTick);
            keeper.Pass();
            keeper.Prepare("web");

            // Once in a while a reader is slow: what it wants next is in an archive by then.
            if (turn % 3 is 0)
            {
                seen.AddRange(LogRig.Drain(reader).Select(line => line.Text));
            }
        }

        seen.AddRange(LogRig.Drain(reader).Select(line => line.Text));
        Assert.Equal(Enumerable.Range(5, 18_005).Select(LogRig.Line), seen);
        Assert.InRange(rig.Logs.ArchivesOf("web").Count, 10, 20);
    }

    [Fact]
    public async Task An_unfinished_line_is_given_whole_if_it_ends_soon_and_as_a_part_if_it_does_not()
    {
        using var rig = new LogRig();
        rig.Logs.Prepare("web");
        await using var reader = new LogReader("web", rig.Logs, new() { Follow = true }, rig.Clock);
        rig.Write("star");
        Assert.Empty(LogRig.Drain(reader));
        rig.Write("ted\nPassword: ");
        Assert.Equal("started", Assert.Single(LogRig.Drain(reader)).Text);
        Assert.Empty(LogRig.Drain(reader));

        rig.Clock.Advance(LogReader.RestAfter);

        var rest = Assert.Single(LogRig.Drain(reader));
        Assert.Equal(("Password: ", true), (rest.Text, rest.IsPart));
        rig.Write("***\n");
        Assert.Equal("***", Assert.Single(LogRig.Drain(reader)).Text);
    }

    [Theory]
    [InlineData(LogRig.Disk, false)]
    [InlineData(LogRig.Disk, true)]
    [InlineData(LogRig.Memory, false)]
    [InlineData(LogRig.Memory, true)]
    public async Task Following_goes_on_when_somebody_else_empties_or_replaces_the_file(string where, bool replace)
    {
        using var rig = new LogRig(where);
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        rig.Write(LogRig.Lines(0, 3000));
        rig.Clock.Advance(LogKeeper.IdleTick);
        keeper.Pass();
        await using var reader = new LogReader("web", rig.Logs, new() { Follow = true }, rig.Clock);
        Assert.Equal(3000, LogRig.Drain(reader).Count);

        if (replace)
        {
            File.Delete(rig.Logs.LiveOf("web"));
        }

        await File.WriteAllTextAsync(
            rig.Logs.LiveOf("web"), "new\n", TestContext.Current.CancellationToken);
        rig.Clock.Advance(LogKeeper.IdleTick);
        keeper.Pass();

        Assert.Equal("new", Assert.Single(LogRig.Drain(reader)).Text);
        Assert.IsType<LogNotice.Replaced>(Assert.Single(rig.Notices));
        rig.Write(LogRig.Lines(0, 2000));
        rig.Clock.Advance(LogKeeper.IdleTick);
        keeper.Pass();
        Assert.Equal(Enumerable.Range(0, 2000).Select(LogRig.Line), LogRig.Drain(reader).Select(line => line.Text));
        Assert.Equal("new", rig.Read()[^2001].Text);
    }

    [Fact]
    public void An_archive_deleted_by_hand_takes_its_lines_and_no_others()
    {
        using var rig = Rotated(6000);
        var whole = rig.Read().Select(line => line.Text).ToList();
        var archives = rig.Logs.ArchivesOf("web");
        File.Delete(archives[1].Path);

        var left = rig.Read();

        Assert.InRange(left.Count, 4000, 5000);
        Assert.Equal(whole[0], left[0].Text);
        Assert.Equal(left[^3000..].Select(line => line.Text), whole[^3000..]);
        Assert.InRange(left.Count(line => !whole.Contains(line.Text)), 0, 2);
        Assert.Equal(whole[^1], Assert.Single(rig.Read(new() { Tail = 1 })).Text);
        Assert.Equal(left.Count, rig.Read(new() { Tail = 100_000 }).Count);
    }

    [Fact]
    public void The_last_lines_of_an_instance_are_bounded_redacted_and_none_of_the_one_before()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        rig.Write(LogRig.Lines(0, 100));
        rig.Clock.Advance(LogKeeper.IdleTick);
        keeper.Pass();
        var began = keeper.Prepare("web");
        rig.Write("listening\npassword=hunter2hunter2\n" + new string('x', 5000) + "\nTraceback");

        var ended = LogRecall.Position(rig.Logs, "web");
        rig.Write(" of the next instance\nlistening\n");

        var lines = Recall(50, 64 << 10);

        Assert.Equal(4, lines.Count);
        Assert.Equal("listening", lines[0]);
        Assert.DoesNotContain("hunter2", lines[1], StringComparison.Ordinal);
        Assert.InRange(lines[2].Length, LogRecall.MaxCharacters, LogRecall.MaxCharacters + 3);
        Assert.Equal("Traceback", lines[3]);
        Assert.Equal(["Traceback"], Recall(1, 64 << 10));
        Assert.InRange(Recall(9, 20).Count, 1, 3);
        Assert.Contains("hunter2", File.ReadAllText(rig.Logs.LiveOf("web")), StringComparison.Ordinal);

        IReadOnlyList<string> Recall(int count, int maxBytes) =>
            LogRecall.LastLines(rig.Logs, "web", began, ended, count, maxBytes);
    }

    private static LogRig Rotated(int lines)
    {
        var rig = new LogRig();
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        for (var number = 0; number < lines; number += 1000)
        {
            rig.Write(LogRig.Lines(number, 1000));
            rig.Clock.Advance(LogKeeper.IdleTick);
            keeper.Pass();
        }

        Assert.NotEmpty(rig.Logs.ArchivesOf("web"));
        return rig;
    }
}
