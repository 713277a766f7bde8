using Drover.Runtime.Processes;

namespace Drover.Runtime.Tests.Processes;

/// <summary>Who belongs to an instance, decided over a table of processes.</summary>
public sealed class FamilyTests
{
    private const int Supervisor = 50;
    private const int Leader = 100;
    private const ulong Started = 5000;

    private static readonly FamilyTraits Traits = new(new ProcessIdentity("boot", Leader, Started, 7), "d/api/1");

    [Fact]
    public void The_session_the_group_and_all_descendants_belong() => Assert.Equal(
        [100, 101, 102, 103],
        Members(
            Process(100, parent: Supervisor, session: 100),
            Process(101, parent: 100, session: 100),
            Process(102, parent: 101, session: 102),
            Process(103, parent: 102, session: 103),
            Process(104, parent: 1, session: 104)));

    [Fact]
    public void Orphans_belong_by_their_session_and_by_their_marker() => Assert.Equal(
        [101, 102],
        Members(
            Process(101, parent: 1, session: 100),
            Process(102, parent: 1, session: 102, marker: "d/api/1"),
            Process(103, parent: 1, session: 103, marker: "d/api/2"),
            Process(104, parent: 1, session: 104)));

    [Fact]
    public void When_the_leaders_number_was_given_away_again_its_session_is_somebody_elses() => Assert.Equal(
        [102],
        Members(
            Process(100, parent: 1, session: 100, started: Started + 1),
            Process(101, parent: 100, session: 100, started: Started + 2),
            Process(102, parent: 1, session: 102, marker: "d/api/1")));

    [Fact]
    public void What_is_older_than_the_leader_cannot_be_its_own() => Assert.Empty(
        Members(Process(101, parent: 1, session: 100, started: Started - 1)));

    [Fact]
    public void A_session_whose_member_carries_another_marker_was_given_away_again() => Assert.Empty(
        Members(Process(101, parent: 1, session: 100, marker: "d/web/9")));

    [Fact]
    public void The_supervisor_never_belongs_nor_what_only_hangs_from_it() => Assert.Equal(
        [100],
        Members(
            Process(100, parent: Supervisor, session: 100),
            Process(Supervisor, parent: 100, session: 100, marker: "d/api/1", started: Started + 1),
            Process(200, parent: Supervisor, session: 200, marker: "d/web/1")));

    [Fact]
    public void Zombies_are_not_left_over_but_what_hangs_from_one_that_still_has_threads_is() => Assert.Equal(
        [101, 102],
        Members(
            Process(100, parent: Supervisor, session: 100) with { State = 'Z' },
            Process(101, parent: 1, session: 100) with { State = 'Z', Threads = 3 },
            Process(102, parent: 101, session: 102)));

    [Fact]
    public void Threads_of_the_kernel_never_belong() => Assert.Empty(
        Members(Process(2, parent: 0, session: 100), Process(77, parent: 2, session: 100)));

    [Fact]
    public void What_is_in_the_control_group_belongs_whatever_it_did_to_hide() => Assert.Equal(
        [300, 301],
        Members([300], Process(300, parent: 1, session: 300), Process(301, parent: 300, session: 301)));

    [Fact]
    public void Without_a_recorded_leader_only_the_marker_counts() => Assert.Equal(
        [102, 103],
        Members(
            Traits with { Leader = null },
            [],
            Process(101, parent: 1, session: 100),
            Process(102, parent: 1, session: 102, marker: "d/api/1", started: 1),
            Process(103, parent: 102, session: 103)));

    private static Row Process(
        int pid, int parent, int session, string? marker = null, ulong started = Started) =>
        new(new ProcessStat(pid, "x", 'S', parent, session, session, 1, started, 0), marker);

    private static IEnumerable<int> Members(params Row[] table) => Members([], table);

    private static IEnumerable<int> Members(int[] grouped, params Row[] table) => Members(Traits, grouped, table);

    private static IEnumerable<int> Members(FamilyTraits traits, int[] grouped, params Row[] table) => ProcessFamily
        .Of(
            [.. table.Select(row => row.Stat)],
            traits,
            pid => Array.Find(table, row => row.Stat.Pid == pid)!.Marker,
            grouped.ToHashSet(),
            Supervisor)
        .Select(member => member.Pid)
        .Order();

    private sealed record Row(ProcessStat Stat, string? Marker)
    {
        public char State
        {
            get => Stat.State;
            init => Stat = Stat with { State = value };
        }

        public int Threads
        {
            get => Stat.Threads;
            init => Stat = Stat with { Threads = value };
        }
    }
}
