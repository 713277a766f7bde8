using Drover.Runtime.Docker;
using Drover.Supervisor.Logs;
using Drover.Testing.Docker;

namespace Drover.Supervisor.Tests.Logs;

/// <summary>What log probes read: the lines of the instance they probe, each once.</summary>
public sealed class TapTests
{
    private const int MostBytes = 1 << 20;

    [Theory]
    [InlineData(LogRig.Disk)]
    [InlineData(LogRig.Memory)]
    public async Task A_probe_reads_each_finished_line_of_its_instance_once_over_rotations(string where)
    {
        using var rig = new LogRig(where);
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        rig.Write("Traceback of the instance before\n");
        rig.Clock.Advance(LogKeeper.IdleTick);
        var began = keeper.Prepare("web");
        var tap = new LogTap("web", rig.Logs, instance => instance == 2 ? began : null);
        var cancellationToken = TestContext.Current.CancellationToken;
        rig.Write("listening\nhalf a ");

        var first = await tap.ReadAsync(2, null, MostBytes, cancellationToken);
        Assert.Equal(["listening"], first.Lines);
        rig.Write("line\n" + LogRig.Lines(0, 5000));
        rig.Clock.Advance(LogKeeper.IdleTick);
        keeper.Pass();
        var second = await tap.ReadAsync(2, first.Position, MostBytes, cancellationToken);

        Assert.NotEmpty(rig.Logs.ArchivesOf("web"));
        Assert.Equal("half a line", second.Lines[0]);
        Assert.Equal(Enumerable.Range(0, 5000).Select(LogRig.Line), second.Lines.Skip(1));
        Assert.Equal(0, second.SkippedBytes);
        Assert.Empty((await tap.ReadAsync(2, second.Position, MostBytes, cancellationToken)).Lines);
        Assert.Empty((await tap.ReadAsync(3, null, MostBytes, cancellationToken)).Lines);
    }

    [Fact]
    public async Task Of_more_than_can_be_read_the_newest_whole_lines_are_given_and_the_rest_is_counted()
    {
        using var rig = new LogRig();
        var began = rig.Keeper().Prepare("web");
        rig.Write(LogRig.Lines(0, 1000));
        var tap = new LogTap("web", rig.Logs, _ => began);

        var read = await tap.ReadAsync(1, null, 550, TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Range(990, 10).Select(LogRig.Line), read.Lines);
        Assert.Equal(990 * 55, read.SkippedBytes);
        Assert.Equal(1000 * 55, read.Position);
    }

    [Fact]
    public async Task The_log_of_a_container_is_read_from_the_start_of_its_run_and_each_line_once()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        using var client = engine.Connect();
        var container = engine.AddContainer("web", one => one.Logs("of the run before", At(1)).Logs("started", At(3)));
        var tap = new ContainerLogTap(() => client, _ => new ContainerRun(container.Id, At(2)));
        var cancellationToken = TestContext.Current.CancellationToken;

        var first = await tap.ReadAsync(1, null, MostBytes, cancellationToken);
        container.Logs("panic: no", At(4));
        var second = await tap.ReadAsync(1, first.Position, MostBytes, cancellationToken);
        var third = await tap.ReadAsync(1, second.Position, MostBytes, cancellationToken);
        var little = await tap.ReadAsync(1, null, 10, cancellationToken);

        Assert.Equal(["started"], first.Lines);
        Assert.Equal(["panic: no"], second.Lines);
        Assert.Empty(third.Lines);
        Assert.Equal(["panic: no"], little.Lines);
        Assert.Equal("started".Length, little.SkippedBytes);
    }

    private static EngineTimestamp At(int seconds) => new(1_800_000_000 + seconds, 5);
}
