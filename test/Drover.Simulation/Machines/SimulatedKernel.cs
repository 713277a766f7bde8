using Drover.Runtime.Processes;

namespace Drover.Simulation.Machines;

/// <summary>
/// Processes of a machine that has few numbers, so that a number is soon another's. Knows what is true, and requires of
/// whoever launches and signals that two instances of a component never live at once and that nobody else's process is
/// hit.
/// </summary>
internal sealed class SimulatedKernel(World world, SimulatedMachine machine)
{
    internal const int Supervisor = 90;
    private const int Init = 1;
    private const int FirstNumber = 100;
    private const int Numbers = 32;
    private const int Sigterm = 15;
    private const int Sigkill = 9;
    private const int TicksPerSecond = 100;

    /// <summary>A start time cannot tell two apart within a tick; no machine gives a number again so soon.</summary>
    private static readonly TimeSpan NotAgainWithin = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<int, SimulatedProcess> _table = [];
    private readonly Dictionary<int, TimeSpan> _freed = [];
    private ulong _inodes = 1000;

    /// <summary>Instances that ever lived, by component.</summary>
    internal List<SimulatedProcess> Leaders { get; } = [];

    internal int Recycled { get; private set; }

    /// <summary>True: nothing gets stuck any more.</summary>
    internal bool IsCalm { get; set; }

    internal IEnumerable<SimulatedProcess> Living(string component) =>
        _table.Values.Where(process => process.Component == component && !process.IsDead);

    internal SimulatedProcess? LeaderOf(string component, long instance) =>
        Leaders.FindLast(one => one.Component == component && one.Instance == instance);

    internal SimulatedProcess? Find(int pid) => _table.GetValueOrDefault(pid);

    /// <summary>As <c>/proc</c> shows them.</summary>
    internal IReadOnlyList<ProcessStat> Table() => [.. _table.Values.Select(StatOf)];

    internal string? MarkerOf(int pid) => Find(pid) is { IsDead: false } process ? process.Marker : null;

    internal SimulatedProcess Launch(string component, long instance, string marker)
    {
        var living = Living(component).FirstOrDefault();
        world.Require(
            living is null, $"never two live instances: {component} #{instance} is launched beside {living?.What}");
        var pid = FreeNumber();
        var leader = Add(new SimulatedProcess
        {
            Pid = pid,
            StartTime = Ticks,
            LaunchedAt = world.Now,
            Inode = ++_inodes,
            Group = pid,
            Session = pid,
            Component = component,
            Instance = instance,
            IsLeader = true,
            Marker = marker,
            Parent = Supervisor,
            HearsTerm = world.Happens(0.85),
            ReadyAt = world.Now + world.UpTo(world.Pick(0.01, 3, 40)),
            HangsAt = world.Happens(0.2) ? world.Now + world.UpTo(200) : TimeSpan.MaxValue,
            Flaps = world.Pick(0, 0, 0.1, 0.5),
        });
        Leaders.Add(leader);
        world.After(
            world.Pick(TimeSpan.Zero, world.UpTo(0.05), world.UpTo(8), world.UpTo(40), world.UpTo(3000)),
            () => End(leader, world.Pick(0, 0, 1 << 8, 3 << 8, 11, 9)));
        for (var children = world.Pick(0, 0, 0, 1, 2); children > 0; children--)
        {
            world.After(world.UpTo(5), () => Fork(leader, marker));
        }

        return leader;
    }

    /// <summary>A signal that the supervisor sends to an instance of a component.</summary>
    internal void Deliver(SimulatedProcess process, int signal, string component, long instance)
    {
        world.Require(
            process.Component == component && process.Instance == instance,
            $"no signal to a process whose identity differs: {process.What} gets {signal} for {component} #{instance}");
        process.SignalledAt ??= world.Now;
        if (signal == Sigkill)
        {
            world.At(process.StuckUntil, () => End(process, Sigkill));
        }
        else if (process.HearsTerm)
        {
            world.After(world.UpTo(world.Pick(0.01, 3, 14)), () => End(process, world.Pick(0, Sigterm)));
        }
    }

    /// <summary>Nothing survives.</summary>
    internal void Boot()
    {
        foreach (var process in _table.Values)
        {
            (process.EndedAt, process.IsReaped) = (process.EndedAt ?? world.Now, true);
        }

        _table.Clear();
        _freed.Clear();
    }

    /// <summary>The supervisor is dead: what it launched hangs from process 1, which takes its time to reap.</summary>
    internal void OrphanAll()
    {
        foreach (var process in _table.Values.Where(one => one.Parent == Supervisor).ToList())
        {
            process.Parent = Init;
            process.WhenEnded.Clear();
            if (process.IsDead)
            {
                world.After(world.UpTo(2), () => Reap(process));
            }
        }
    }

    /// <summary>Its number is free, and soon another's.</summary>
    internal void Reap(SimulatedProcess process)
    {
        if (!process.IsReaped && _table.GetValueOrDefault(process.Pid) == process)
        {
            process.IsReaped = true;
            _table.Remove(process.Pid);
            _freed[process.Pid] = world.Now;
            if (world.Happens(0.6))
            {
                world.After(NotAgainWithin + world.UpTo(world.Pick(0.1, 20)), () => TakeNumber(process.Pid));
            }
        }
    }

    private ulong Ticks => (ulong)((world.Now - machine.BootedAt).TotalSeconds * TicksPerSecond);

    private static ProcessStat StatOf(SimulatedProcess process) => new(
        process.Pid,
        process.Component ?? "other",
        process.IsDead ? 'Z' : 'S',
        process.Parent,
        process.Group,
        process.Session,
        1,
        process.StartTime,
        process.IsDead ? process.Status : 0);

    private SimulatedProcess Add(SimulatedProcess process)
    {
        _table.Add(process.Pid, process);
        return process;
    }

    /// <summary>A child in its leader's session, or one that has left it; those carry the mark.</summary>
    private void Fork(SimulatedProcess leader, string marker)
    {
        if (leader.IsDead || _table.Count > Numbers - 6)
        {
            return;
        }

        var pid = FreeNumber();
        var escapes = world.Happens(0.4);
        var child = Add(new SimulatedProcess
        {
            Pid = pid,
            StartTime = Ticks,
            LaunchedAt = world.Now,
            Inode = ++_inodes,
            Group = escapes ? pid : leader.Group,
            Session = escapes ? pid : leader.Session,
            Component = leader.Component,
            Instance = leader.Instance,
            Marker = escapes || leader.Parent != Supervisor || machine.FillsUp || world.Happens(0.5) ? marker : null,
            Parent = leader.Pid,
            HearsTerm = world.Happens(0.7),
        });
        world.After(world.UpTo(400), () => End(child, 0));
        if (world.Happens(0.05))
        {
            world.After(world.UpTo(60), () => child.StuckUntil = IsCalm ? TimeSpan.Zero : world.Now + world.UpTo(30));
        }
    }

    /// <summary>Somebody else's process, which leads a session as ours do.</summary>
    private void TakeNumber(int pid)
    {
        if (!IsFree(pid) || _table.Count > Numbers - 6)
        {
            return;
        }

        Recycled++;
        var other = Add(new SimulatedProcess
        {
            Pid = pid,
            StartTime = Ticks,
            LaunchedAt = world.Now,
            Inode = ++_inodes,
            Group = pid,
            Session = pid,
            Parent = Init,
        });
        world.After(world.UpTo(60), () => End(other, 0));
    }

    private void End(SimulatedProcess process, int status)
    {
        if (process.IsDead || _table.GetValueOrDefault(process.Pid) != process)
        {
            return;
        }

        process.EndedAt = world.Now;
        process.Status = status;
        foreach (var child in _table.Values.Where(one => one.Parent == process.Pid))
        {
            child.Parent = machine.IsSupervised ? Supervisor : Init;
        }

        var told = process.WhenEnded.ToList();
        world.After(machine.Sabotage is Sabotage.EndsAreToldLate ? TimeSpan.FromMinutes(1) : world.UpTo(0.002), () =>
        {
            told.ForEach(tell => tell());
            if (process.Parent == Supervisor && machine.IsSupervised)
            {
                Reap(process);
            }
        });
        if (process.Parent != Supervisor)
        {
            world.After(world.UpTo(2), () => Reap(process));
        }
    }

    private int FreeNumber()
    {
        while (true)
        {
            var pid = FirstNumber + world.Chance.Next(Numbers);
            if (IsFree(pid))
            {
                return pid;
            }
        }
    }

    /// <summary>A number stays taken as long as a session or a group has it.</summary>
    private bool IsFree(int pid) =>
        !_table.ContainsKey(pid)
        && _table.Values.All(other => other.Group != pid && other.Session != pid)
        && world.Now - _freed.GetValueOrDefault(pid, -NotAgainWithin) >= NotAgainWithin;
}
