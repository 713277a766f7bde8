using Drover.Supervisor.Logs;

namespace Drover.Supervisor.Tests.Logs;

/// <summary>When lines were written, without touching them.</summary>
public sealed class TimelineTests
{
    private static readonly DateTimeOffset Noon = new(2027, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_file_of_times_cut_at_any_byte_gives_its_whole_records_and_goes_on()
    {
        using var rig = new LogRig();
        rig.Logs.Prepare("web");
        var path = rig.Logs.TimesOf("web");
        LogTimelineFile.Append(path, [.. Enumerable.Range(1, 5).Select(Point)]);
        var whole = File.ReadAllBytes(path);

        for (var length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Equal(length / 20, Load(path).Count);

            LogTimelineFile.Append(path, [Point(6)]);
            Assert.Equal((length / 20) + 1, Load(path).Count);
            Assert.Equal(Point(6), Load(path).Points[^1]);
        }
    }

    [Fact]
    public void A_damaged_record_is_left_out_and_no_other()
    {
        using var rig = new LogRig();
        rig.Logs.Prepare("web");
        var path = rig.Logs.TimesOf("web");
        LogTimelineFile.Append(path, [.. Enumerable.Range(1, 5).Select(Point)]);
        var whole = File.ReadAllBytes(path);

        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 0x20;
            File.WriteAllBytes(path, damaged);

            var expected = Enumerable.Range(1, 5).Where(number => number != (at / 20) + 1).Select(Point);
            Assert.Equal(expected, Load(path).Points);
        }
    }

    [Fact]
    public void It_is_bounded_and_keeps_the_newest_times_exactly()
    {
        using var rig = new LogRig();
        rig.Logs.Prepare("web");
        var path = rig.Logs.TimesOf("web");
        LogTimelineFile.Append(path, [.. Enumerable.Range(1, LogTimelineFile.MaxRecords + 1).Select(Point)]);

        var left = LogTimelineFile.Thin(path, first: 0);

        Assert.InRange(left, 1, LogTimelineFile.MaxRecords * 3 / 4);
        Assert.Equal(left, Load(path).Count);
        var newest = LogTimelineFile.MaxRecords - 1000;
        Assert.Equal(Point(newest).At, Load(path).TimeOf(Point(newest).Offset));
        Assert.InRange(LogTimelineFile.Thin(path, first: Point(newest).Offset), 1, 1003);
    }

    [Fact]
    public void Between_two_moments_bytes_are_taken_to_have_come_evenly()
    {
        var timeline = new LogTimeline();
        timeline.Add(new(Noon, 100));
        timeline.Add(new(Noon.AddSeconds(1), 200));

        Assert.Equal(Noon, timeline.TimeOf(50));
        Assert.Equal(Noon.AddMilliseconds(500), timeline.TimeOf(150));
        Assert.Equal(Noon.AddSeconds(1), timeline.TimeOf(900));
        Assert.Equal(0, timeline.StartOf(Noon));
        Assert.Equal(100, timeline.StartOf(Noon.AddSeconds(1)));
    }

    [Fact]
    public void A_line_after_a_quiet_time_carries_the_time_the_file_system_stamped()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        Speak(rig, "first\n");
        keeper.Pass();
        for (var second = 0; second < 3600; second++)
        {
            rig.Clock.Advance(LogKeeper.IdleTick);
            keeper.Pass();
        }

        rig.Clock.Advance(TimeSpan.FromMilliseconds(300));
        var spoken = rig.Clock.GetUtcNow();
        Speak(rig, "second\n");
        rig.Clock.Advance(TimeSpan.FromMilliseconds(700));
        keeper.Pass();

        Assert.Equal([spoken - TimeSpan.FromSeconds(3600.3), spoken], rig.Read().Select(line => line.At));
        Assert.Equal(["second"], rig.Read(new() { Since = spoken }).Select(line => line.Text));
        Assert.Equal(3, Load(rig.Logs.TimesOf("web")).Count);
    }

    [Fact]
    public void Since_gives_the_lines_written_then_or_later_over_archives_too()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        var moments = new List<DateTimeOffset>();
        for (var minute = 0; minute < 30; minute++)
        {
            rig.Clock.Advance(TimeSpan.FromMinutes(1));
            moments.Add(rig.Clock.GetUtcNow());
            Speak(rig, LogRig.Lines(minute * 200, 200));
            keeper.Pass();
        }

        Assert.InRange(rig.Logs.ArchivesOf("web").Count, 3, 30);
        for (var minute = 0; minute < 30; minute++)
        {
            var lines = rig.Read(new() { Since = moments[minute] });

            // Lines are taken to have come evenly since the minute before: only the last has the stamp itself.
            Assert.Equal(1 + ((29 - minute) * 200), lines.Count);
            Assert.Equal(LogRig.Line(5999), lines[^1].Text);
            Assert.All(lines, line => Assert.True(line.At >= moments[minute]));
        }
    }

    [Fact]
    public void Without_a_file_of_times_those_of_the_archives_serve()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        for (var hour = 0; hour < 4; hour++)
        {
            rig.Clock.Advance(TimeSpan.FromHours(1));
            Speak(rig, LogRig.Lines(hour * 1500, 1500));
            keeper.Pass();
        }

        File.Delete(rig.Logs.TimesOf("web"));
        File.SetLastWriteTimeUtc(rig.Logs.LiveOf("web"), rig.Clock.GetUtcNow().UtcDateTime);
        var lines = rig.Read();

        Assert.Equal(6000, lines.Count);
        Assert.Equal(rig.Clock.GetUtcNow(), lines[^1].At);
        Assert.InRange(lines[0].At, rig.Clock.GetUtcNow() - TimeSpan.FromHours(3.5), rig.Clock.GetUtcNow());
        Assert.True(lines.Zip(lines.Skip(1)).All(pair => pair.First.At <= pair.Second.At));
    }

    [Fact]
    public void A_clock_that_is_set_back_turns_no_line_round()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        Speak(rig, "first\n");
        keeper.Pass();
        rig.Clock.Advance(TimeSpan.FromSeconds(2));
        rig.Clock.JumpWallClock(TimeSpan.FromHours(-1));
        Speak(rig, "second\n");
        keeper.Pass();
        rig.Clock.Advance(TimeSpan.FromSeconds(2));
        Speak(rig, "third\n");
        keeper.Pass();

        var lines = rig.Read();

        Assert.Equal(["first", "second", "third"], lines.Select(line => line.Text));
        Assert.True(lines[0].At <= lines[1].At && lines[1].At <= lines[2].At);
    }

    private static TimelinePoint Point(int number) => new(Noon.AddSeconds(number), number * 100L);

    private static LogTimeline Load(string path)
    {
        var timeline = new LogTimeline();
        LogTimelineFile.Read(path, 0, timeline);
        return timeline;
    }

    private static void Speak(LogRig rig, string text)
    {
        rig.Write(text);
        File.SetLastWriteTimeUtc(rig.Logs.LiveOf("web"), rig.Clock.GetUtcNow().UtcDateTime);
    }
}
