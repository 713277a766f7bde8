using System.Globalization;
using Drover.Runtime.Processes;

namespace Drover.Simulation.Machines;

/// <summary>
/// Launches and adopts on the simulated machine. What belongs to an instance, and whether a number is still the same
/// process, is decided by the code that decides it on a real one.
/// </summary>
internal sealed class LifeLauncher(World world, SimulatedMachine machine, SupervisorLife life) : IProcessLauncher
{
    private const int Sigterm = 15;
    private const int Sigkill = 9;

    /// <summary>Told of each launch that is tried, before it is.</summary>
    internal Action<string, long> Launching { get; set; } = (_, _) => { };

    public LaunchOutcome Launch(LaunchSpec spec)
    {
        life.Step();
        var (component, instance) = Parse(spec.Marker!);
        Launching(component, instance);
        if (world.Happens(machine.FailedStarts))
        {
            return new LaunchOutcome.Failed(spec.Executable, "there is no such file");
        }

        var leader = machine.Kernel.Launch(component, instance, spec.Marker!);
        leader.HasStartupProbe = life.Set.Find(component)!.Document.Spec.Health.Startup is not null;
        world.Note($"{component} #{instance} is process {leader.Pid}");
        life.Step();
        return new LaunchOutcome.Started(new Handle(this, leader, spec.Marker!, isChild: true));
    }

    public AdoptOutcome Adopt(ProcessIdentity identity, string? controlGroup = null, string? marker = null)
    {
        life.Step();
        if (identity.BootId != machine.Boot
            || machine.Kernel.Find(identity.Pid) is not { } found
            || life.Sabotage is Sabotage.LosesWhatItLaunched)
        {
            return new AdoptOutcome.Gone(Exit: null);
        }

        var why = life.Sabotage is Sabotage.TrustsNumbers
            ? null
            : identity.Difference(found.StartTime, machine.InodeOf(found));
        if (why is not null)
        {
            return new AdoptOutcome.Mismatch(why);
        }

        return found.IsDead
            ? new AdoptOutcome.Gone(ProcessExit.FromStatus(found.Status))
            : new AdoptOutcome.Alive(new Handle(this, found, marker!, isChild: false));
    }

    public IReadOnlyList<string> Markers(string prefix) => life.Sabotage is Sabotage.MarksAreNotSought
        ? []
        : [.. machine.Kernel.Table()
            .Select(process => machine.Kernel.MarkerOf(process.Pid))
            .OfType<string>()
            .Where(marker => marker.StartsWith(prefix, StringComparison.Ordinal))
            .Distinct()];

    public Task<IReadOnlyList<Survivor>> KillRemainsAsync(
        ProcessIdentity? identity,
        string? marker,
        string? controlGroup,
        TimeSpan patience,
        CancellationToken cancellationToken) =>
        life.Sabotage is Sabotage.LosesWhatItLaunched
            ? Task.FromResult<IReadOnlyList<Survivor>>([])
            : KillAsync(new FamilyTraits(identity, marker), marker!, patience, cancellationToken);

    internal static (string Component, long Instance) Parse(string marker)
    {
        var parts = marker.Split('/');
        return (parts[1], long.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    private List<SimulatedProcess> FamilyOf(FamilyTraits traits) =>
    [
        .. ProcessFamily.Of(
                machine.Kernel.Table(),
                traits,
                machine.Kernel.MarkerOf,
                new HashSet<int>(),
                SimulatedKernel.Supervisor)
            .Select(member => machine.Kernel.Find(member.Pid)!)
            .Where(member => member.IsLeader || life.Sabotage is not Sabotage.LeavesChildrenBehind),
    ];

    private async Task<IReadOnlyList<Survivor>> KillAsync(
        FamilyTraits traits, string marker, TimeSpan patience, CancellationToken cancellationToken)
    {
        var (component, instance) = Parse(marker);
        var begin = world.Now;
        while (true)
        {
            life.Step();
            var members = FamilyOf(traits);
            if (members.Count == 0)
            {
                return [];
            }

            if (world.Now - begin >= patience)
            {
                return [.. members.Select(one => new Survivor(one.Pid, one.Component!, 'D', "it waits in the kernel"))];
            }

            members.ForEach(member => machine.Kernel.Deliver(member, Sigkill, component, instance));
            await Task.Delay(TimeSpan.FromMilliseconds(1 + world.Chance.Next(50)), life.Clock, cancellationToken);
        }
    }

    private sealed class Handle : ISupervisedProcess
    {
        private readonly LifeLauncher _launcher;
        private readonly SimulatedProcess _leader;
        private readonly string _marker;
        private readonly TaskCompletionSource<ProcessExit> _exit = new();

        internal Handle(LifeLauncher launcher, SimulatedProcess leader, string marker, bool isChild)
        {
            (_launcher, _leader, _marker) = (launcher, leader, marker);
            var machine = launcher.Machine;
            Identity = new ProcessIdentity(machine.Boot, leader.Pid, leader.StartTime, machine.InodeOf(leader));
            if (leader.IsDead)
            {
                End(isChild);
            }
            else
            {
                leader.WhenEnded.Add(() => launcher.Life.Do(() => End(isChild)));
            }
        }

        public ProcessIdentity Identity { get; }

        public Task<ProcessExit> Exit => _exit.Task;

        private FamilyTraits Traits => new(Identity, _marker);

        public bool Signal(ProcessSignal signal)
        {
            _launcher.Life.Step();
            var (component, instance) = Parse(_marker);
            var members = _launcher.FamilyOf(Traits)
                .Where(one => one.Group == _leader.Group || _leader.IsReaped)
                .ToList();
            members.ForEach(one => _launcher.Machine.Kernel.Deliver(one, Sigterm, component, instance));
            return members.Count > 0;
        }

        public bool AnythingLeft() => !_leader.IsDead || _launcher.FamilyOf(Traits).Count > 0;

        public async Task<IReadOnlyList<Survivor>> KillEverythingAsync(
            TimeSpan patience, CancellationToken cancellationToken) => AnythingLeft()
                ? await _launcher.KillAsync(Traits, _marker, patience, cancellationToken)
                : [];

        public void Dispose()
        {
        }

        private void End(bool isChild) => _exit.TrySetResult(
            isChild || _launcher.Machine.TellsForeignEnds || !_leader.IsReaped
                ? ProcessExit.FromStatus(_leader.Status)
                : new ProcessExit.Unknown("this kernel does not tell"));
    }

    private SimulatedMachine Machine => machine;

    private SupervisorLife Life => life;
}
