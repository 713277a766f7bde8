using Drover.Core.Backoff;
using Drover.Core.Fleet;

namespace Drover.Simulation.Fleet;

/// <summary>
/// A host agent over a link that loses and delays: one heartbeat at a time, sent again with backoff until it is
/// answered. Each attempt takes a fresh number: one whose answer was lost was heard, and its retry under the same
/// number would be a replay, which is no sign of life. The agent is killed, stopped and started again; its run rises
/// with every start.
/// </summary>
internal sealed class HostAgentActor(World world, ServerActor server)
{
    private const int MostLossesInARow = 3;

    // The retries of a heartbeat stay well below its period: then not even four losses in a row make a host offline.
    private static readonly BackoffPolicy Retry = new(TimeSpan.FromSeconds(1), 2, TimeSpan.FromSeconds(15), 0.1);

    private long _run;
    private long _seq;
    private int _life;
    private int _lossesInARow;
    private DockerCondition _docker;

    /// <summary>The number of the present run.</summary>
    internal long Run => _run;

    /// <summary>Since when it runs without a break; null while it does not.</summary>
    internal TimeSpan? UpSince { get; private set; }

    /// <summary>Starts, with the run it stored; a cloned host starts with what the original had stored.</summary>
    internal void Start(long storedRun)
    {
        _life++;
        _run = Math.Max(storedRun + 1, (long)world.Now.TotalMilliseconds);
        _seq = 0;
        UpSince = world.Now;
        world.Note($"agent starts, run {_run}");
        Beat();
    }

    internal void Start() => Start(_run);

    internal void KillNow()
    {
        _life++;
        UpSince = null;
        world.Note("agent is killed");
    }

    internal void SayGoodbye()
    {
        KillNow();
        Send(attempt: 1, isGoodbye: true);
    }

    internal void TurnDocker() => _docker = world.Pick(DockerCondition.Up, DockerCondition.Down, DockerCondition.Hung);

    private void Beat() => Send(attempt: 1, isGoodbye: false);

    private void Send(int attempt, bool isGoodbye)
    {
        var (life, run, seq, docker) = (_life, _run, ++_seq, _docker);
        var isLost = Loses();
        var isAnswerLost = !isLost && Loses();
        world.After(world.UpTo(0.5), () =>
        {
            var arrives = server.IsUp && !isLost;
            if (arrives)
            {
                server.Hear(run, seq, docker, isGoodbye);
            }

            if (life == _life && !(isGoodbye && attempt >= 5))
            {
                var isAnswered = arrives && !isAnswerLost;
                var wait = isAnswered ? ServerActor.NextIn : Retry.Delay(attempt, world.Chance);
                world.After(wait, () => GoOn(life, attempt, isAnswered, isGoodbye));
            }
        });
    }

    private void GoOn(int life, int attempt, bool isAnswered, bool isGoodbye)
    {
        if (life != _life)
        {
            return;
        }

        if (!isAnswered)
        {
            Send(attempt + 1, isGoodbye);
        }
        else if (!isGoodbye)
        {
            Beat();
        }
    }

    private bool Loses()
    {
        var isLost = _lossesInARow < MostLossesInARow && world.Happens(0.2);
        _lossesInARow = isLost ? _lossesInARow + 1 : 0;
        return isLost;
    }
}
