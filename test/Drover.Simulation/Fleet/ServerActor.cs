using Drover.Core.Events;
using Drover.Core.Fleet;

namespace Drover.Simulation.Fleet;

/// <summary>
/// A control plane with one host: judges sequences, feeds the host's machine, looks again when told to. Its process
/// stops and starts; what it stored (state, reason, promise, run and number) survives, its clock does not.
/// </summary>
internal sealed class ServerActor(World world, bool hostIsCloned)
{
    internal static readonly TimeSpan NextIn = TimeSpan.FromSeconds(30);

    private readonly List<(long Run, long Seq)> _accepted = [];
    private HostStatus _status = HostStatus.Enrolled(NextIn);
    private RunSequence _sequence = RunSequence.Empty;
    private TimeSpan _startedAt;
    private int _life;

    internal bool IsUp { get; private set; } = true;

    internal HostState State => _status.State;

    internal bool SawClone { get; private set; }

    internal List<TimeSpan> Offline { get; } = [];

    private TimeSpan Clock => world.Now - _startedAt;

    /// <summary>What a poll of that run is answered by: commands, or nothing as one that was replaced.</summary>
    internal bool GivesTo(long run) => !_sequence.HasReplaced(run);

    /// <summary>Takes a heartbeat and answers it; the caller decides whether either gets through.</summary>
    internal void Hear(long run, long seq, DockerCondition docker, bool isGoodbye)
    {
        var before = _sequence;
        var judged = _sequence.Judge(run, seq, Clock);
        _sequence = judged.Next;
        SawClone |= judged.Verdict is SequenceVerdict.CloneDetected;
        world.Require(hostIsCloned || !SawClone, "a host that was not cloned is never called cloned");
        if (!judged.TakesEffect)
        {
            return;
        }

        var goesBack = (run, seq).CompareTo((before.Run, before.Seq)) <= 0;
        world.Require(
            !goesBack || Clock - before.HeardAt > RunSequence.SilenceBeforeOlderRun, "a sequence never goes back");
        world.Require(!_accepted.Contains((run, seq)), $"a heartbeat takes effect once: {run}, {seq}");
        _accepted.Add((run, seq));
        Feed(isGoodbye ? new HostInput.Goodbye(Clock) : new HostInput.Heartbeat(Clock, docker, NextIn));
    }

    internal void StopFor(TimeSpan downtime)
    {
        _life++;
        IsUp = false;
        world.Note("server stops");
        var life = _life;
        world.After(downtime, () =>
        {
            if (life != _life)
            {
                return;
            }

            IsUp = true;
            _startedAt = world.Now;
            _status = HostStatus.Stored(_status.State, _status.Reason, _status.NextIn);
            _sequence = new RunSequence(_sequence.Run, _sequence.Seq, Clock);
            Feed(new HostInput.ServerStarted(Clock));
        });
    }

    private void Feed(HostInput input)
    {
        var transition = HostMachine.Decide(_status, input);
        _status = transition.Next;
        if (transition.Events.Count > 0)
        {
            world.Note($"{input.GetType().Name}: {string.Join(", ", transition.Events)} ({_status.Reason})");
        }

        if (transition.Events.Contains(EventTypes.HostOffline))
        {
            Offline.Add(world.Now);
        }

        if (_status.LookAgainAt is { } at)
        {
            var life = _life;
            world.At(_startedAt + at + world.UpTo(1), () =>
            {
                if (life == _life && IsUp)
                {
                    Feed(new HostInput.Tick(Clock));
                }
            });
        }
    }
}
