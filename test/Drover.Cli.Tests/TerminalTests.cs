using Drover.Commands;
using Drover.Terminal;
using Drover.Wire.Inventory;
using Drover.Wire.People;

namespace Drover.Cli.Tests;

public sealed class TerminalTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Columns_are_aligned_and_nothing_is_cut_when_piped()
    {
        var table = new Table("APP", new("IMAGE", Shrinks: true), new("N", RightAligned: true));
        table.Add("web", new string('i', 90), "7");
        table.Add("a-longer-name", "img", "1234");

        var lines = table.Lines(new Paint(false), fitInto: null).ToList();

        Assert.Equal("web            " + new string('i', 90) + "     7", lines[1]);
        Assert.Equal(lines[1].Length, lines[2].Length);
    }

    [Fact]
    public void On_a_terminal_the_widest_columns_shrink_until_the_row_fits()
    {
        var table = new Table("APP", new("IMAGE", Shrinks: true));
        table.Add("web", new string('i', 90));

        Assert.All(table.Lines(new Paint(false), fitInto: 60), line => Assert.True(line.Length <= 60, line));
        Assert.EndsWith("…", table.Lines(new Paint(false), 60).Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void Colour_appears_only_where_it_is_enabled()
    {
        Assert.Equal("\x1b[31mdown\x1b[0m", new Paint(true).Apply(Tone.Bad, "down"));
        Assert.Equal("down", new Paint(false).Apply(Tone.Bad, "down"));
    }

    [Fact]
    public void Text_of_others_cannot_steer_the_terminal()
    {
        Assert.Equal("evil?[2Jname", Paint.OneLine("evil\x1b[2Jname"));
        Assert.Equal("a\x1b[31mred\x1b[0mb\x1b[0m", Paint.LogLine("a\x1b[31mred\x1b[0mb"));
        Assert.Equal("a[2Jb]0;title", Paint.LogLine("a\x1b[2Jb\x1b]0;title\a"));
        Assert.Equal("tab\tstays", Paint.LogLine("tab\tstays"));
    }

    [Theory]
    [InlineData(-5, "0s")]
    [InlineData(0.4, "0s")]
    [InlineData(59, "59s")]
    [InlineData(119, "119s")]
    [InlineData(150, "2m")]
    [InlineData(7_100, "118m")]
    [InlineData(7_300, "2h")]
    [InlineData(190_000, "2d")]
    public void Ages_have_one_unit(double seconds, string expected) =>
        Assert.Equal(expected, TimeText.Age(Now - TimeSpan.FromSeconds(seconds), Now));

    [Theory]
    [InlineData(0.085, "85 ms")]
    [InlineData(1.34, "1.3 s")]
    [InlineData(125, "2m5s")]
    public void Durations_have_the_precision_that_matters(double seconds, string expected) =>
        Assert.Equal(expected, TimeText.Took(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void A_row_of_ps_shows_what_is_asked_for()
    {
        var container = Container("web-1", "running") with
        {
            Health = "healthy",
            RestartCount = 3,
            StartedAt = "2026-01-31T07:45:00Z",
            Ports = new SortedDictionary<string, int?> { ["80/tcp"] = 8080, ["9000/tcp"] = null },
        };
        var lines = ContainerTable.Build([Row(container, "host-a")], Now).Lines(new Paint(false), null).ToList();

        Assert.Equal("APP  NAME   IMAGE          STATE    HEALTH   RESTARTS  PORTS                   AGE", lines[0]);
        Assert.Equal("web  web-1  example/web:1  running  healthy         3  8080->80/tcp, 9000/tcp  15m", lines[1]);
    }

    [Fact]
    public void With_several_hosts_each_row_names_its_host_and_what_a_lost_host_last_told_is_marked()
    {
        var lines = ContainerTable.Build(
            [Row(Container("web-1", "running"), "host-a"), Row(Container("web-2", "running"), "host-b", "offline")],
            Now)
            .Lines(new Paint(false), null).ToList();

        Assert.EndsWith("HOST", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("host-a", lines[1], StringComparison.Ordinal);
        Assert.Contains("running?", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void The_age_of_a_container_that_ended_is_the_time_since_and_its_exit_code_is_shown()
    {
        var container = Container("job", "exited") with
        {
            ExitCode = 137,
            StartedAt = "2026-01-31T06:00:00Z",
            FinishedAt = "2026-01-31T07:59:30Z",
        };
        var line = ContainerTable.Build([Row(container, "host-a")], Now).Lines(new Paint(false), null).Last();

        Assert.Contains("exited (137)", line, StringComparison.Ordinal);
        Assert.EndsWith("30s", line, StringComparison.Ordinal);
    }

    private static ContainerDto Container(string name, string state) =>
        new()
        {
            DockerId = name,
            Name = name,
            Image = "example/web:1",
            State = state,
            CreatedAt = "2026-01-01T00:00:00Z",
        };

    private static HostContainerDto Row(ContainerDto container, string host, string hostState = "live") =>
        new(host, host, hostState, "web", Now, container);
}
