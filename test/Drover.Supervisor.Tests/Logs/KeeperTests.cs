using Drover.Supervisor.Logs;
using Drover.Testing.Agents;

namespace Drover.Supervisor.Tests.Logs;

/// <summary>What is kept of logs, and the bad days of keeping them.</summary>
public sealed class KeeperTests
{
    [Fact]
    public void A_component_has_one_log_that_its_group_may_read_and_no_other_file()
    {
        using var rig = new LogRig();

        Assert.Equal(0, rig.Keeper().Prepare("web"));

        Assert.Equal(["web.log"], Directory.GetFiles(rig.Logs.Path).Select(Path.GetFileName));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
            File.GetUnixFileMode(rig.Logs.LiveOf("web")));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../web")]
    [InlineData("web/../../etc")]
    [InlineData("/etc/passwd")]
    [InlineData(".keeper")]
    [InlineData("-web")]
    [InlineData("Web")]
    [InlineData("web\0")]
    [InlineData("we b")]
    public void A_name_that_is_no_file_name_never_reaches_the_disk(string name)
    {
        using var rig = new LogRig();

        Assert.Throws<ArgumentException>(() => rig.Logs.LiveOf(name));
        Assert.Throws<ArgumentException>(() => rig.Keeper(component: name));
        Assert.False(LogDirectory.IsName(new string('a', 129)));
    }

    [Fact]
    public void A_link_in_the_place_of_a_log_is_refused()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        var elsewhere = Path.Combine(rig.Logs.Notes, "elsewhere");
        File.WriteAllText(elsewhere, "mine\n");
        File.Delete(rig.Logs.LiveOf("web"));
        File.CreateSymbolicLink(rig.Logs.LiveOf("web"), elsewhere);

        Assert.Throws<IOException>(() => keeper.Prepare("web"));
        Assert.Empty(rig.Read());
        Assert.Equal("mine\n", File.ReadAllText(elsewhere));
    }

    [Fact]
    public void Archives_are_kept_by_number_by_size_and_by_age()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper(LogRig.Small with { Keep = 3 });
        keeper.Prepare("web");
        Grow(rig, keeper, 10);
        Assert.Equal(3, rig.Logs.ArchivesOf("web").Count);

        keeper.Keep("web", LogRig.Small with { MaxArchivedBytes = 140 << 10 });
        Grow(rig, keeper, 5);
        Assert.Equal(2, rig.Logs.ArchivesOf("web").Count);

        keeper.Keep("web", LogRig.Small with { KeepFor = TimeSpan.FromDays(7) });
        rig.Clock.Advance(TimeSpan.FromDays(7) + TimeSpan.FromMinutes(5));
        keeper.Pass();
        Assert.Empty(rig.Logs.ArchivesOf("web"));
        Assert.NotEmpty(rig.Read());
    }

    [Fact]
    public void A_log_that_grows_slowly_becomes_an_archive_when_its_first_line_is_a_day_old()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper(LogRig.Small with { MaxBytes = 16 << 20, MaxAge = TimeSpan.FromDays(1) });
        keeper.Prepare("web");
        for (var hour = 0; hour < 23; hour++)
        {
            rig.Clock.Advance(TimeSpan.FromHours(1));
            rig.Write(LogRig.Lines(hour * 100, 100));
            keeper.Pass();
        }

        Assert.Empty(rig.Logs.ArchivesOf("web"));
        rig.Clock.Advance(TimeSpan.FromHours(3));
        keeper.Pass();

        Assert.Single(rig.Logs.ArchivesOf("web"));
        Assert.InRange(new FileInfo(rig.Logs.LiveOf("web")).Length, 1, 128 << 10);
        Assert.Equal(2300, rig.Read().Count);
    }

    [Fact]
    public void A_log_that_grew_while_nobody_kept_it_is_caught_up_with()
    {
        using var rig = new LogRig();
        rig.Keeper().Prepare("web");
        rig.Write(LogRig.Lines(0, 20_000));
        var keeper = rig.Keeper();

        while (keeper.Pass() < LogKeeper.BusyTick)
        {
            // A few archives a pass, so that other components' logs are not left waiting.
        }

        Assert.InRange(rig.Logs.ArchivesOf("web").Count, 16, 20);
        Assert.Equal(20_000, rig.Read().Count);
    }

    [Fact]
    public void Notes_that_are_lost_or_damaged_cost_no_line()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        Grow(rig, keeper, 3);
        var lines = rig.Read().Count;

        foreach (var content in (string?[])[null, "", "{", "[]", "{\"base\":"])
        {
            if (content is null)
            {
                File.Delete(rig.Logs.StateOf("web"));
            }
            else
            {
                File.WriteAllText(rig.Logs.StateOf("web"), content);
            }

            var next = rig.Keeper();
            next.Pass();
            Assert.Equal(lines, rig.Read().Count);
            Grow(rig, next, 1);
            lines += 1200;
            Assert.Equal(lines, rig.Read().Count);
        }
    }

    [Fact]
    public void Where_the_file_system_cannot_shorten_a_file_that_is_said_once_and_growth_at_every_doubling()
    {
        using var disk = new PlainDisk();
        using var rig = new LogRig(disk.Path);
        var keeper = rig.Keeper(LogRig.Small with { Keep = 1 });
        keeper.Prepare("web");
        Grow(rig, keeper, 10);

        Assert.IsType<LogNotice.CannotRotate>(rig.Notices[0]);
        var told = rig.Notices.Skip(1).Select(Assert.IsType<LogNotice.TooLarge>).ToList();
        Assert.Equal(3, told.Count);
        Assert.True(told.Zip(told.Skip(1)).All(pair => pair.Second.Bytes >= pair.First.Bytes * 2));
        Assert.Empty(rig.Logs.ArchivesOf("web"));
        Assert.Equal(12_000, rig.Read().Count);
    }

    [Fact]
    public void A_full_disk_is_told_and_survived_and_what_was_written_is_kept()
    {
        using var disk = new SmallDisk(megabytes: 4);
        using var rig = new LogRig(disk.Path);
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        Grow(rig, keeper, 2);
        rig.Write(LogRig.Lines(2400, 3000));
        disk.Fill();
        rig.Clock.Advance(TimeSpan.FromMinutes(1));

        keeper.Pass();
        keeper.Pass();

        Assert.Single(rig.Notices.OfType<LogNotice.DiskFull>());
        Assert.Single(rig.Notices.OfType<LogNotice.Failed>());
        Assert.Equal(5400, rig.Read().Count);

        disk.Free();
        rig.Clock.Advance(TimeSpan.FromMinutes(1));
        keeper.Pass();

        Assert.Single(rig.Notices.OfType<LogNotice.DiskFree>());
        Assert.Single(rig.Notices.OfType<LogNotice.Resumed>());
        Assert.Equal(Enumerable.Range(0, 5400).Select(LogRig.Line), rig.Read().Select(line => line.Text));
        Assert.InRange(rig.Logs.ArchivesOf("web").Count, 3, 8);
    }

    [Fact]
    public void A_log_deleted_under_a_running_instance_is_told_once_and_the_next_instance_has_one_again()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        Grow(rig, keeper, 1);
        File.Delete(rig.Logs.LiveOf("web"));
        rig.Clock.Advance(LogKeeper.IdleTick);
        keeper.Pass();
        rig.Clock.Advance(LogKeeper.IdleTick);
        keeper.Pass();
        Assert.IsType<LogNotice.Replaced>(Assert.Single(rig.Notices));

        var began = keeper.Prepare("web");
        rig.Write("again\n");

        Assert.Equal(1200 * LogRig.Lines(0, 1).Length, began);
        Assert.Equal("again", rig.Read()[^1].Text);
    }

    [Fact]
    public void A_hundred_logs_that_are_silent_cost_less_than_a_thousandth_of_a_core()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper();
        for (var number = 0; number < 100; number++)
        {
            keeper.Keep($"web-{number}", LogRig.Small);
            keeper.Prepare($"web-{number}");
            rig.Write("listening\n", $"web-{number}");
        }

        var seconds = 0;
        for (; seconds < 20; seconds++)
        {
            Tick();
        }

        var before = Environment.CpuUsage.TotalTime;
        for (; seconds < 520; seconds++)
        {
            Tick();
        }

        var share = (Environment.CpuUsage.TotalTime - before) / TimeSpan.FromSeconds(500);
        Assert.InRange(share, 0, 0.001);

        void Tick()
        {
            rig.Clock.Advance(LogKeeper.IdleTick);
            keeper.Pass();
        }
    }

    [Fact]
    public async Task The_keeper_runs_by_itself_slowly_while_all_is_silent_and_faster_while_a_log_grows()
    {
        using var rig = new LogRig();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        var running = keeper.RunAsync(stopping.Token);
        await rig.Clock.WaitForTimerAsync(LogKeeper.IdleTick, stopping.Token);
        rig.Write(LogRig.Lines(0, 3000));
        rig.Clock.Advance(LogKeeper.IdleTick);
        await rig.Clock.WaitForTimerAsync(LogKeeper.BusyTick, stopping.Token);
        Assert.InRange(rig.Logs.ArchivesOf("web").Count, 2, 3);

        rig.Write(LogRig.Lines(3000, 3000));
        await stopping.CancelAsync();
        await running;

        Assert.InRange(rig.Logs.ArchivesOf("web").Count, 5, 6);
    }

    private static void Grow(LogRig rig, LogKeeper keeper, int times)
    {
        for (var time = 0; time < times; time++)
        {
            rig.Write(LogRig.Lines(time * 1200, 1200));
            rig.Clock.Advance(LogKeeper.IdleTick);
            keeper.Pass();
        }
    }
}
