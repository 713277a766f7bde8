using Drover.Supervisor.Logs;
using Drover.Testing.Agents;
using Drover.Testing.Docker;

namespace Drover.Supervisor.Tests.Logs;

/// <summary>The front of a log becomes an archive while the component writes: no line lost, none twice.</summary>
public sealed class RotationTests
{
    private const int LoadLines = 1_800_000;
    private const long LoadBytes = LoadLines * 55L;

    public static TheoryData<string, string> EveryStep()
    {
        var data = new TheoryData<string, string>();
        foreach (var step in Enum.GetNames<RotationStep>())
        {
            data.Add(LogRig.Disk, step);
            if (step is not (nameof(RotationStep.Marked) or nameof(RotationStep.Announced)))
            {
                data.Add(LogRig.Memory, step);
            }
        }

        return data;
    }

    [Theory]
    [InlineData(LogRig.Disk, "Collapse")]
    [InlineData(LogRig.Memory, "Punch")]
    public void What_the_file_system_can_do_is_found_by_trying(string where, string expected)
    {
        using var rig = new LogRig(where);
        rig.Logs.Prepare("web");

        var removal = FrontRemoval.Find(rig.Logs);

        Assert.Equal(expected, removal.Kind.ToString());
        Assert.Empty(Directory.GetFiles(rig.Logs.Notes));
    }

    [Theory]
    [InlineData(LogRig.Disk)]
    [InlineData(LogRig.Memory)]
    public async Task A_component_that_writes_100_MB_as_fast_as_it_can_has_every_line_once_and_in_order(string where)
    {
        using var rig = new LogRig(where);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var keeper = rig.Keeper(LogRig.Small with { MaxBytes = 8 << 20 }, time: TimeProvider.System);
        keeper.Prepare("web");
        var keeping = keeper.RunAsync(stopping.Token);
        var following = Task.Run(() => CountInOrderAsync(rig, stopping.Token), stopping.Token);
        using var writer = rig.StartWriter(LoadLines);
        await writer.WaitForExitAsync(stopping.Token);
        Assert.Equal(LoadLines, await following);
        await Eventually.TrueAsync(
            () => Task.FromResult(rig.Logs.ArchivesOf("web").Sum(archive => archive.Length) > LoadBytes - (8 << 20)),
            "all but the last 8 MiB to be archived",
            stopping.Token);
        await stopping.CancelAsync();
        await keeping;

        Assert.InRange(rig.Logs.ArchivesOf("web").Count, 11, 30);
        Assert.InRange(new FileInfo(rig.Logs.LiveOf("web")).Length, 1, where is LogRig.Disk ? 9 << 20 : long.MaxValue);
        Assert.Equal(LoadLines, CountInOrder(rig.Each().Select(line => line.Text)));
        Assert.Equal(LoadLines, CountInOrder(rig.RawLines()));
    }

    [Theory]
    [MemberData(nameof(EveryStep))]
    public void Killed_after_any_step_every_line_is_there_once_before_and_after_the_next_start(
        string where, string step)
    {
        using var rig = new LogRig(where);
        DieAndGoOn(rig, step);
    }

    [Theory]
    [InlineData("ext4", "Collapse")]
    [InlineData("xfs", "Collapse")]
    [InlineData("btrfs", "Punch")]
    public void The_same_holds_on_each_file_system_that_people_have_their_logs_on(string kind, string removal)
    {
        using var disk = new LoopDisk(kind);
        foreach (var step in Enum.GetValues<RotationStep>())
        {
            if (removal is "Punch" && step is RotationStep.Marked or RotationStep.Announced)
            {
                continue;
            }

            using var rig = new LogRig(Directory.CreateDirectory(Path.Combine(disk.Path, $"{step}")).FullName);
            DieAndGoOn(rig, $"{step}");
            Assert.Equal(removal, FrontRemoval.Find(rig.Logs).Kind.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(EveryStep))]
    public void A_component_that_says_one_thing_for_ever_loses_none_of_it_either(string where, string step)
    {
        using var rig = new LogRig(where);
        var keeper = rig.Keeper(reached: done => Die(done, step));
        keeper.Prepare("web");
        rig.Write(string.Concat(Enumerable.Repeat("y\n", 100_000)));
        rig.Clock.Advance(LogKeeper.IdleTick);
        Assert.Throws<KilledException>(() => keeper.Pass());

        rig.Keeper().Pass();

        Assert.Equal(100_000, rig.Read().Count);
        Assert.Equal(100_000, rig.RawLines().Count());
    }

    [Theory]
    [InlineData(LogRig.Disk)]
    [InlineData(LogRig.Memory)]
    public void A_line_over_the_border_of_two_archives_is_given_whole(string where)
    {
        using var rig = new LogRig(where);
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        var lines = Enumerable.Range(0, 9).Select(number => new string((char)('a' + number), 100_000)).ToList();
        rig.Write(string.Concat(lines.Select(line => line + "\n")));
        rig.Clock.Advance(LogKeeper.IdleTick);
        keeper.Pass();

        Assert.InRange(rig.Logs.ArchivesOf("web").Count, 3, 20);
        Assert.Equal(lines, rig.Read().Select(line => line.Text));
        Assert.Equal(lines, rig.RawLines());
    }

    [Fact]
    public void An_archive_ends_with_a_line_where_a_line_ends_at_a_border_of_blocks()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper(LogRig.Small with { MaxBytes = 2 << 20 });
        keeper.Prepare("web");
        rig.Write(LogRig.Lines(0, 60_000));
        rig.Clock.Advance(LogKeeper.IdleTick);

        keeper.Pass();

        var archive = rig.Logs.ArchivesOf("web")[0];
        Assert.EndsWith("importance\n", File.ReadAllText(archive.Path), StringComparison.Ordinal);
        Assert.Equal(0, archive.Length % FrontRemoval.SmallestAlignment);
    }

    [Theory]
    [InlineData(LogRig.Disk)]
    [InlineData(LogRig.Memory)]
    public void What_is_so_far_behind_that_it_would_be_deleted_at_once_is_given_back_without_an_archive(string where)
    {
        using var rig = new LogRig(where);
        var steps = new List<RotationStep>();
        var keeper = rig.Keeper(LogRig.Small with { MaxBytes = 1 << 20, Keep = 2 }, reached: steps.Add);
        keeper.Prepare("web");
        rig.Write(LogRig.Lines(0, 400_000));
        rig.Clock.Advance(LogKeeper.IdleTick);

        while (keeper.Pass() < LogKeeper.BusyTick)
        {
            // It makes a few archives a pass.
        }

        Assert.InRange(steps.Count(step => step is RotationStep.Copied), 2, 4);
        Assert.Equal(2, rig.Logs.ArchivesOf("web").Count);
        var kept = rig.Read().Select(line => line.Text).ToList();
        Assert.InRange(kept.Count * LogRig.Lines(0, 1).Length, 2 << 20, 4 << 20);
        Assert.Equal(Enumerable.Range(400_000 - kept.Count, kept.Count).Select(LogRig.Line), kept);
        Assert.InRange(
            Drover.Runtime.Files.GrowingFile.Examine(rig.Logs.LiveOf("web"))!.Value.Allocated, 0, 2 << 20);
    }

    [Fact]
    public void What_a_hole_gave_back_takes_no_room()
    {
        using var rig = new LogRig(LogRig.Memory);
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        rig.Write(LogRig.Lines(0, 100_000));
        rig.Clock.Advance(LogKeeper.IdleTick);

        while (keeper.Pass() < LogKeeper.BusyTick)
        {
            // It makes a few archives a pass.
        }

        var live = Drover.Runtime.Files.GrowingFile.Examine(rig.Logs.LiveOf("web"))!.Value;
        Assert.InRange(live.Length, 5_000_000, 10_000_000);
        Assert.InRange(live.Allocated, 0, 256 << 10);
    }

    private static void DieAndGoOn(LogRig rig, string step)
    {
        var keeper = rig.Keeper(reached: done => Die(done, step));
        keeper.Prepare("web");
        rig.Write(LogRig.Lines(0, 3000));
        rig.Clock.Advance(LogKeeper.IdleTick);

        Assert.Throws<KilledException>(() => keeper.Pass());

        // Readers need no keeper, and components none either.
        rig.Write(LogRig.Lines(3000, 10));
        Assert.Equal(3010, CountInOrder(rig.Each().Select(line => line.Text)));

        var next = rig.Keeper();
        next.Pass();
        rig.Write(LogRig.Lines(3010, 3000));
        rig.Clock.Advance(LogKeeper.IdleTick);
        next.Pass();

        Assert.Equal(6010, CountInOrder(rig.Each().Select(line => line.Text)));
        Assert.Equal(6010, CountInOrder(rig.RawLines()));
        Assert.InRange(rig.Logs.ArchivesOf("web").Count, 2, 20);
        Assert.False(File.Exists(rig.Logs.UnfinishedArchiveOf("web")));
        Assert.Null(LogState.Read(rig.Logs.StateOf("web"))!.Mark);
    }

    private static void Die(RotationStep done, string step)
    {
        if (done.ToString() == step)
        {
            throw new KilledException();
        }
    }

    private static async Task<int> CountInOrderAsync(LogRig rig, CancellationToken cancellationToken)
    {
        await using var reader = new LogReader("web", rig.Logs, new() { Follow = true }, TimeProvider.System);
        var count = 0;
        while (count < LoadLines)
        {
            if (await reader.TryReadAsync(cancellationToken) is { } line)
            {
                Assert.Equal(LogRig.Line(count++), line.Text);
            }
            else
            {
                await Task.Delay(5, cancellationToken);
            }
        }

        return count;
    }

    private static int CountInOrder(IEnumerable<string> lines)
    {
        var count = 0;
        foreach (var line in lines)
        {
            if (line != LogRig.Line(count))
            {
                Assert.Equal(LogRig.Line(count), line);
            }

            count++;
        }

        return count;
    }

    /// <summary>Nothing catches it: what is on disk then is what a kill leaves.</summary>
    private sealed class KilledException : Exception;
}
