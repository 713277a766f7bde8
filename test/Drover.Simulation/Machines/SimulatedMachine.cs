using System.Globalization;
using Drover.Supervisor.State;

namespace Drover.Simulation.Machines;

/// <summary>
/// One machine: its kernel, its disk, its clocks, what it has booted, and the supervisor that lives on it, if one does.
/// </summary>
internal sealed class SimulatedMachine
{
    private static readonly DateTimeOffset Epoch = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly World _world;
    private TimeSpan _wallJump;
    private int _boots;

    internal SimulatedMachine(World world, Sabotage sabotage)
    {
        (_world, Sabotage) = (world, sabotage);
        Kernel = new SimulatedKernel(world, this);
        Disk = new SimulatedDisk(world);
        HasInodes = world.Happens(0.7);
        TellsForeignEnds = HasInodes && world.Happens(0.7);
        FailedStarts = world.Pick(0, 0.02, 0.3);
        FillsUp = sabotage is Sabotage.MarksAreNotSought || world.Happens(0.25);
        Reboot();
    }

    internal Sabotage Sabotage { get; }

    internal SimulatedKernel Kernel { get; }

    internal SimulatedDisk Disk { get; }

    /// <summary>Since Linux 6.9 a descriptor has an inode of its own.</summary>
    internal bool HasInodes { get; }

    /// <summary>Since Linux 6.15 it tells how a process ended that is nobody's child.</summary>
    internal bool TellsForeignEnds { get; }

    /// <summary>How often a program is not there.</summary>
    internal double FailedStarts { get; }

    /// <summary>Whether its disk is full for a while now and then.</summary>
    internal bool FillsUp { get; }

    internal string Boot { get; private set; } = "";

    internal TimeSpan BootedAt { get; private set; }

    internal DateTimeOffset WallTime => Epoch + _world.Now + _wallJump;

    /// <summary>The file that tells a clean stop, a crash and a reboot apart.</summary>
    internal RunRecord? Run { get; set; }

    internal SupervisorLife? Life { get; private set; }

    internal bool IsSupervised => Life is not null;

    internal ulong InodeOf(SimulatedProcess process) => HasInodes ? process.Inode : 0;

    internal void JumpWallClock() => _wallJump += _world.UpTo(1e6) - TimeSpan.FromSeconds(5e5);

    internal void Begin(SupervisorLife life) => Life = life;

    /// <summary>The supervisor is dead, in order or not.</summary>
    internal void End()
    {
        Life = null;
        Kernel.OrphanAll();
    }

    /// <summary>Nothing runs any more, and what was not flushed may be gone.</summary>
    internal void Reboot()
    {
        Kernel.Boot();
        Disk.CutPower();
        BootedAt = _world.Now;
        Boot = string.Create(CultureInfo.InvariantCulture, $"boot {++_boots}");
    }
}

/// <summary>What a supervisor meets that is killed at this very step.</summary>
internal sealed class SupervisorKilledException : Exception;
