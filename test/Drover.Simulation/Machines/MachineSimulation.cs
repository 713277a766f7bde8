using System.Globalization;

namespace Drover.Simulation.Machines;

/// <summary>
/// The supervisor's own code under virtual time, on a machine that does everything to it that a machine can. What must
/// hold is in <see cref="Account"/>, <see cref="Ledger"/>, <see cref="LifeProber"/> and <see cref="SimulatedKernel"/>.
/// </summary>
public sealed class MachineSimulation
{
    private const int Seeds = 1000;
    private const int ManySeeds = 10_000;

    [Fact]
    public void Whatever_befalls_a_thousand_machines_no_invariant_of_their_supervisors_breaks() => Simulate(0, Seeds);

    [Fact]
    [Trait("tier", "heavy")]
    public void Whatever_befalls_ten_thousand_machines_no_invariant_of_their_supervisors_breaks() =>
        Simulate(Seeds, ManySeeds);

    [Fact]
    public void The_same_seed_gives_the_same_day() => Assert.Equal(Simulate(7), Simulate(7));

    /// <summary>Each kind of harm, and the invariant that must notice it.</summary>
    [Theory]
    [InlineData(nameof(Sabotage.LosesWhatItLaunched), "never two live instances")]
    [InlineData(nameof(Sabotage.TrustsNumbers), "no signal to a process whose identity differs")]
    [InlineData(nameof(Sabotage.LeavesChildrenBehind), "never two live instances")]
    [InlineData(nameof(Sabotage.RecordsOverwriteOneAnother), "the state can be read after every kill")]
    [InlineData(nameof(Sabotage.RecordsAreLost), "counters survive")]
    [InlineData(nameof(Sabotage.RestartsOncePastTheLimit), "restarts in any window stay within the limit")]
    [InlineData(nameof(Sabotage.WaitsTooLong), "delays are 1, 2, 4, 8, 16, 32, 60, 60 s")]
    [InlineData(nameof(Sabotage.WaitsTooShort), "delays are 1, 2, 4, 8, 16, 32, 60, 60 s")]
    [InlineData(nameof(Sabotage.TimersRingLate), "probes stay on time")]
    [InlineData(nameof(Sabotage.ProbesHangPastTheirTimeout), "probes stay on time")]
    [InlineData(nameof(Sabotage.StartupGatesNothing), "startup gates the others")]
    [InlineData(nameof(Sabotage.EndsAreToldLate), "a status never says running for a dead process")]
    [InlineData(nameof(Sabotage.HistoryForgets), "every end is in the history once")]
    [InlineData(nameof(Sabotage.HistoryStutters), "every end is in the history once")]
    [InlineData(nameof(Sabotage.EventsStutter), "events come once each and in order")]
    [InlineData(nameof(Sabotage.StopsTooEarly), "after a stop nothing is left")]
    [InlineData(nameof(Sabotage.MarksAreNotSought), "never two live instances")]
    public void What_is_broken_on_purpose_is_noticed_by_its_invariant(string sabotage, string invariant)
    {
        var broken = Enum.Parse<Sabotage>(sabotage);
        var noticed = new HashSet<string>();
        for (var seed = 0; seed < 400; seed++)
        {
            try
            {
                new MachineDay(seed, broken).Run();
            }
            catch (InvariantBrokenException error)
            {
                if (error.Message.StartsWith(
                    string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {invariant}"), StringComparison.Ordinal))
                {
                    return;
                }

                noticed.Add(error.Message.Split('\n')[0]);
            }
        }

        Assert.Fail($"nobody noticed; only: {string.Join('\n', noticed.Take(5))}");
    }

    [Fact]
    public void Every_kind_of_harm_has_its_test() => Assert.Equal(
        Enum.GetNames<Sabotage>().Except([nameof(Sabotage.None)]).Order(),
        typeof(MachineSimulation)
            .GetMethod(nameof(What_is_broken_on_purpose_is_noticed_by_its_invariant))!
            .GetCustomAttributes(typeof(InlineDataAttribute), inherit: false)
            .Select(one => (string)((InlineDataAttribute)one).Data[0]!)
            .Order());

    private static void Simulate(int first, int count)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("DROVER_SEED"), CultureInfo.InvariantCulture, out var seed))
        {
            new MachineDay(seed, Sabotage.None, keepsAllLines: true).Run();
            return;
        }

        long launches = 0;
        long recycled = 0;
        long kills = 0;
        long resumed = 0;
        Parallel.For(first, first + count, one =>
        {
            var day = new MachineDay(one, Sabotage.None);
            day.Run();
            Interlocked.Add(ref launches, day.Launches);
            Interlocked.Add(ref recycled, day.Recycled);
            Interlocked.Add(ref kills, day.Kills);
            Interlocked.Add(ref resumed, day.Resumed);
        });

        // Days on which nothing happens prove nothing.
        Assert.True(
            launches > count * 20L && recycled > count * 5L && kills > count * 2L,
            $"only {launches} launches, {recycled} recycled numbers, {kills} kills in {count} days");

        // After a full disk and a kill the accounts are not left unchecked for the rest of the day.
        Assert.True(resumed > count / 20L, $"only {resumed} accounts went on after a full disk in {count} days");
    }

    private static (int, int, int) Simulate(int seed)
    {
        var day = new MachineDay(seed, Sabotage.None);
        day.Run();
        return (day.Launches, day.Recycled, day.Kills);
    }
}
