namespace Drover.Simulation;

/// <summary>
/// Virtual time, one seeded source of chance, and a queue of what will happen. Actors (supervisors, processes, servers,
/// agents, operators) put what they do next on it; equal seeds give equal worlds.
/// </summary>
internal sealed class World(int seed)
{
    private const int LastLines = 60;

    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _queue = new();
    private readonly Queue<string> _log = new();
    private InvariantBrokenException? _broken;
    private long _order;

    internal Random Chance { get; } = new(seed);

    internal TimeSpan Now { get; private set; }

    /// <summary>How many of the last lines are kept; all of them for somebody who replays a seed.</summary>
    internal int LinesKept { get; init; } = LastLines;

    /// <summary>Called after everything that happened, to do what follows from it at the same instant.</summary>
    internal Action Settle { get; set; } = () => { };

    internal void At(TimeSpan at, Action action) => _queue.Enqueue(action, (at > Now ? at : Now, ++_order));

    internal void After(TimeSpan delay, Action action) => At(Now + delay, action);

    internal void RunUntil(TimeSpan end)
    {
        while (_queue.TryPeek(out _, out var key) && key.At <= end)
        {
            Now = key.At;
            _queue.Dequeue()();
            Settle();
            ThrowIfBroken();
        }

        Now = end;
    }

    internal bool Happens(double probability) => Chance.NextDouble() < probability;

    internal TimeSpan UpTo(double seconds) => TimeSpan.FromSeconds(Chance.NextDouble() * seconds);

    internal T Pick<T>(params ReadOnlySpan<T> items) => items[Chance.Next(items.Length)];

    internal void Note(string line)
    {
        _log.Enqueue($"{Now.TotalSeconds,10:F3}  {line}");
        if (_log.Count > LinesKept)
        {
            _log.Dequeue();
        }
    }

    /// <summary>
    /// Ends the simulation with the seed and the last that happened when something that always holds does not.
    /// </summary>
    internal void Require(bool holds, string invariant)
    {
        if (!holds)
        {
            // Code under test may catch it on its way up; it counts all the same.
            _broken ??= new InvariantBrokenException(
                $"seed {seed}: {invariant} at {Now.TotalSeconds:F3} s\n"
                + $"replay: DROVER_SEED={seed} <this test project> -method <this test>\n{string.Join('\n', _log)}");
            throw _broken;
        }
    }

    /// <summary>Ends the simulation when something did not hold, wherever that was said.</summary>
    internal void ThrowIfBroken()
    {
        if (_broken is not null)
        {
            throw _broken;
        }
    }
}

/// <summary>What the simulator ends with when an invariant does not hold; the message names the seed.</summary>
internal sealed class InvariantBrokenException(string message) : Exception(message);
