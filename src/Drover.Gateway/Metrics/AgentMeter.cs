using Drover.Core.Agents;

namespace Drover.Gateway.Metrics;

/// <summary>
/// What is counted of one agent. Requests count into it without a lock, a look-up or an allocation; what happens to
/// the agent itself is rare and takes its time. It goes with the agent.
/// </summary>
internal sealed class AgentMeter(TimeProvider time)
{
    /// <summary>In the place of a status where the client left before there was one.</summary>
    public const int Unanswered = 0;

    // Of HTTP's five classes of status codes, and before them what got no answer at all.
    private const int Classes = 6;

    private static readonly double[] ForwardingBounds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private static readonly double[] WakeBounds =
        [0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 20, 30, 60, 120, 300];

    private static readonly double[] ReadyBounds =
        [1, 10, 30, 60, 300, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 604_800];

    private readonly long[] _answers = new long[Classes];
    private long _readySince;

    /// <summary>Bounds of <see cref="Forwarding"/>, in seconds.</summary>
    public static IReadOnlyList<double> BoundsOfForwarding => ForwardingBounds;

    /// <summary>Bounds of <see cref="Wakes"/>, in seconds.</summary>
    public static IReadOnlyList<double> BoundsOfWakes => WakeBounds;

    /// <summary>Bounds of <see cref="Ready"/>, in seconds.</summary>
    public static IReadOnlyList<double> BoundsOfReady => ReadyBounds;

    /// <summary>From the handing over of a request to the first line of the agent's answer.</summary>
    public Durations Forwarding { get; } = new(ForwardingBounds, time);

    /// <summary>How long wakes took that ended well, by tier.</summary>
    public Tallies<Durations> Wakes { get; } = new(() => new Durations(WakeBounds, time));

    /// <summary>How long it was ready at a stretch.</summary>
    public Durations Ready { get; } = new(ReadyBounds, time);

    /// <summary>Wakes that began, by cause.</summary>
    public Tallies<Tally> WakesBegun { get; } = new(() => new Tally());

    /// <summary>How often it did not serve although it should, by reason.</summary>
    public Tallies<Tally> Failures { get; } = new(() => new Tally());

    /// <summary>Sleeps, by cause and tier.</summary>
    public Tallies<Tally> Sleeps { get; } = new(() => new Tally());

    /// <summary>How often it went to sleep to make room for another.</summary>
    public Tally Evictions { get; } = new();

    /// <summary>A request was answered, or is <see cref="Unanswered"/>.</summary>
    public void Answered(int status) =>
        Interlocked.Increment(ref _answers[status is >= 100 and < 600 ? status / 100 : 0]);

    /// <summary>Requests so far, by the class of their answer: <c>2xx</c>; <c>none</c> for those without.</summary>
    public IEnumerable<(string Class, long Count)> Answers()
    {
        for (var at = 0; at < Classes; at++)
        {
            yield return (at == 0 ? "none" : $"{at}xx", Interlocked.Read(ref _answers[at]));
        }
    }

    /// <summary>A request is handed over to the agent.</summary>
    /// <returns>When: for <see cref="Forwarded"/>.</returns>
    public long BeginForwarding() => time.GetTimestamp();

    /// <summary>The first line of the agent's answer came.</summary>
    public void Forwarded(long began) => Forwarding.Observe(time.GetTimestamp() - began);

    /// <summary>The agent's state may have changed. Called by whoever writes its view, one at a time.</summary>
    public void Moved(AgentState before, AgentState now)
    {
        if (before is not AgentState.Ready && now is AgentState.Ready)
        {
            _readySince = time.GetTimestamp();
        }
        else if (before is AgentState.Ready && now is not AgentState.Ready)
        {
            Ready.Observe(time.GetTimestamp() - _readySince);
        }
    }
}

/// <summary>A number that only rises.</summary>
internal sealed class Tally
{
    private long _count;

    public long Count => Interlocked.Read(ref _count);

    public void Add() => Interlocked.Increment(ref _count);
}

/// <summary>
/// Some of one kind, told apart by label values that come from closed sets; what is beyond all measure is counted under
/// the first. Owns a lock: it is for what is rare.
/// </summary>
internal sealed class Tallies<T>(Func<T> make)
{
    // More than any closed set of ours has; a defect that makes labels up must not eat the memory.
    private const int Most = 64;

    private readonly Lock _gate = new();
    private readonly List<(IReadOnlyList<string> Labels, T One)> _all = [];

    /// <summary>All of them, in the order they came.</summary>
    public IReadOnlyList<(IReadOnlyList<string> Labels, T One)> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _all];
            }
        }
    }

    /// <summary>The one of these label values.</summary>
    public T Of(params IReadOnlyList<string> labels)
    {
        lock (_gate)
        {
            foreach (var (known, one) in _all)
            {
                if (known.SequenceEqual(labels))
                {
                    return one;
                }
            }

            if (_all.Count >= Most)
            {
                return _all[0].One;
            }

            var made = make();
            _all.Add((labels, made));
            return made;
        }
    }
}
