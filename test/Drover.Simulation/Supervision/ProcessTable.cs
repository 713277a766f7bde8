using Drover.Core.Components;

namespace Drover.Simulation.Supervision;

/// <summary>
/// The processes of one simulated machine: how long each lives, whether it hears SIGTERM and whether it hangs is
/// chance. It knows what is true, which its supervisor only hears about.
/// </summary>
internal sealed class ProcessTable(World world)
{
    private readonly Dictionary<long, bool> _live = [];
    private readonly Dictionary<long, EndCause> _ended = [];

    /// <summary>Tells the supervisor of an end; set by the supervisor.</summary>
    internal Action<long, EndCause> Ended { get; set; } = (_, _) => { };

    internal int LiveCount => _live.Count;

    internal bool IsLive(long instance) => _live.ContainsKey(instance);

    internal bool Hangs(long instance) => _live.GetValueOrDefault(instance);

    /// <summary>How the instance ended; null when it lives or never was.</summary>
    internal EndCause? HowItEnded(long instance) => _ended.GetValueOrDefault(instance);

    internal void Spawn(long instance)
    {
        world.Require(_live.Count == 0, $"never two live instances: #{instance} beside #{_live.Keys.FirstOrDefault()}");
        _live.Add(instance, false);
        var life = world.Pick(TimeSpan.Zero, world.UpTo(0.01), world.UpTo(9), world.UpTo(30), world.UpTo(5000));
        var end = world.Pick<EndCause>(
            new EndCause.Exit(0), new EndCause.Exit(1), new EndCause.Signal("SIGSEGV"), new EndCause.OutOfMemory());
        world.After(life, () => End(instance, end));
        if (world.Happens(0.2))
        {
            world.After(world.UpTo(200), () => Hang(instance));
        }
    }

    internal void Signal(long instance)
    {
        if (IsLive(instance) && world.Happens(0.7))
        {
            world.After(world.UpTo(15), () => End(instance, new EndCause.Signal("SIGTERM")));
        }
    }

    internal void Kill(long instance)
    {
        // Now and then a process is stuck in the kernel and outlives a kill for a while.
        var delay = world.Happens(0.1) ? world.UpTo(40) : world.UpTo(0.01);
        world.After(delay, () => End(instance, new EndCause.Signal("SIGKILL")));
    }

    private void Hang(long instance)
    {
        if (_live.ContainsKey(instance))
        {
            _live[instance] = true;
        }
    }

    private void End(long instance, EndCause cause)
    {
        if (_live.Remove(instance))
        {
            world.Note($"#{instance} ended: {cause.Message}");
            _ended.Add(instance, cause);
            Ended(instance, cause);
        }
    }
}
