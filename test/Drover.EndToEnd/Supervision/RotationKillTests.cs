using Drover.Testing.Agents;

namespace Drover.EndToEnd.Supervision;

/// <summary>
/// The supervisor is killed by SIGKILL between the steps of a rotation, while the component writes on: the next start
/// goes on, no line is lost and none is there twice.
/// </summary>
public sealed class RotationKillTests
{
    private const int Size = 64 << 10;
    private const int Bursts = 12;
    private const int BurstLines = 3000;
    private const int Lines = Bursts * BurstLines;

    // Bursts with a pause: it writes before, during and after each rotation, and while no supervisor is there.
    private static readonly string Writer =
        $"web: {{ command: [sh, -c, \"for b in $(seq 0 {Bursts - 1}); do awk -v b=$b 'BEGIN {{ for (i = 0; i < "
        + $"{BurstLines}; i++) printf \\\"%08d a line of the component\\\\n\\\", b * {BurstLines} + i }}'; sleep 0.1; "
        + "done; touch done; exec sleep 1000\"], log: { max_size: 64KiB, keep: 1000 } }";

    [Theory]
    [InlineData("log.copied")]
    [InlineData("log.named")]
    [InlineData("log.recorded")]
    [InlineData("log.marked")]
    [InlineData("log.announced")]
    [InlineData("log.removed")]
    public async Task Killed_after_this_step_every_line_is_there_once(string point)
    {
        await using var machine = new SupervisedMachine(Writer);
        await KillAndGoOnAsync(machine, point);
    }

    [Theory]
    [InlineData("log.copied")]
    [InlineData("log.named")]
    [InlineData("log.recorded")]
    [InlineData("log.removed")]
    public async Task Killed_after_this_step_where_the_front_becomes_a_hole_every_line_is_there_once(string point)
    {
        using var memory = new SmallDisk(megabytes: 16);
        await using var machine = new SupervisedMachine(Writer, Path.Combine(memory.Path, "data"));
        await KillAndGoOnAsync(machine, point);
    }

    [Theory]
    [Trait("tier", "heavy")]
    [InlineData("xfs", "log.marked")]
    [InlineData("xfs", "log.announced")]
    [InlineData("xfs", "log.removed")]
    [InlineData("btrfs", "log.recorded")]
    [InlineData("btrfs", "log.removed")]
    [InlineData("ext4", "log.announced")]
    public async Task On_this_file_system_every_line_is_there_once_too(string kind, string point)
    {
        using var disk = new LoopDisk(kind);
        await using var machine = new SupervisedMachine(Writer, Path.Combine(disk.Path, "data"));
        await KillAndGoOnAsync(machine, point);
    }

    private static async Task KillAndGoOnAsync(SupervisedMachine machine, string point)
    {
        await machine.StartAsync(point + ":2");
        await machine.UntilDeadAsync();
        (await machine.StartAsync()).MustBe(0);
        await machine.UntilAsync(
            () => Task.FromResult(File.Exists(Path.Combine(machine.Folder, "done"))), "the component has written all");
        await machine.UntilAsync(
            () => Task.FromResult(Directory.GetFiles(machine.Logs, "web.log.*").Length >= 10), "archives are made");
        await machine.UntilAsync(
            () => Task.FromResult(Text(Path.Combine(machine.Logs, "web.log")).Length < Size), "no rotation is due");

        var shown = (await machine.RunAsync("supervisor", "logs", "web", "-n", "1000000")).MustBe(0).Out;
        Assert.Equal(Expected(), shown.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        // As cat shows them, but for the zeros of a hole; a line may lie over the border of two.
        var raw = Directory.GetFiles(machine.Logs, "web.log*")
            .OrderBy(path => path.EndsWith(".log", StringComparison.Ordinal) ? "~" : Path.GetExtension(path))
            .Select(Text);
        Assert.Equal(Expected(), string.Concat(raw).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("1", SupervisedMachine.Text(await machine.StatusAsync("web"), "instance"));
    }

    /// <summary>What a file holds behind its hole.</summary>
    private static string Text(string path) => File.ReadAllText(path).TrimStart('\0');

    private static IEnumerable<string> Expected() =>
        Enumerable.Range(0, Lines).Select(number => $"{number:D8} a line of the component");
}
