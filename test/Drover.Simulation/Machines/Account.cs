using Drover.Core.Components;
using Drover.Supervisor.Control;
using Drover.Supervisor.State;

namespace Drover.Simulation.Machines;

/// <summary>
/// What is due to one component. Its arithmetic of delays and limits is its own; it does not ask the machines.
/// </summary>
internal sealed class Account(World world, string component, Func<string, long, SimulatedProcess?> leaderOf)
{
    private const double Jitter = 0.1;
    private const double LongestDelay = 60;

    /// <summary>No file here has a longer window; a try waits at most so long for room in one.</summary>
    private static readonly TimeSpan LongestWindow = TimeSpan.FromSeconds(600);

    /// <summary>What one instant may take to be seen by others: an exit, a timer's whole milliseconds.</summary>
    internal static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(4);

    private readonly Dictionary<long, Launched> _launched = [];
    private readonly Dictionary<long, TimeSpan> _ended = [];
    private readonly HashSet<long> _past = [];
    private readonly HashSet<long> _numbers = [];
    private readonly HashSet<long> _reused = [];
    private readonly List<TimeSpan> _restarts = [];
    private (ComponentRuntime Runtime, string Boot)? _known;
    private Decision? _decision;
    private TimeSpan _orderedAt = TimeSpan.MinValue;
    private TimeSpan _killedAt;
    private int _badRuns;
    private int _openOrders;
    private bool _isForgiven;
    private bool _isNew = true;

    internal EventOrder Events { get; } = new(world, component);

    internal int Orders { get; private set; }

    /// <summary>An order that makes it run is being carried out.</summary>
    internal bool IsOrdered => _openOrders > 0;

    internal int Restarts => _restarts.Count;

    /// <summary>How often it went on to check after something had to be forgiven.</summary>
    internal int Resumed { get; private set; }

    /// <summary>An order that concerns all components is being carried out, those that come meanwhile too.</summary>
    internal Func<bool> IsAllOrdered { get; init; } = () => false;

    /// <summary>The file says that it is restarted with something it needs.</summary>
    internal bool IsRestartedByOthers { get; init; }

    /// <summary>Somebody wants it to run, or to run anew.</summary>
    internal void OnOrder()
    {
        Orders++;
        _openOrders++;
        _orderedAt = world.Now;
    }

    /// <summary>What was ordered is done, as far as an order does it.</summary>
    internal void OnOrderDone() => _openOrders = Math.Max(0, _openOrders - 1);

    /// <summary>
    /// The disk refused to keep what was decided, and then the supervisor was killed: counters may be old from now on,
    /// until an order opens a new account.
    /// </summary>
    internal void Forgive()
    {
        _isForgiven = true;
        Events.Forgive();
    }

    /// <summary>The account of before is closed, and what was told of it may be told again.</summary>
    internal void Follow(Account before) =>
        _numbers.UnionWith(before._numbers.Concat(before._launched.Keys).Concat(before._ended.Keys));

    /// <summary>What was forgiven is over: all counters begin anew; nothing of before is asked for any more.</summary>
    private void Resume()
    {
        _numbers.UnionWith(_launched.Keys.Concat(_ended.Keys));
        _past.Clear();
        _launched.Clear();
        _ended.Clear();
        _known = null;
        _decision = null;
        _restarts.Clear();
        _badRuns = 0;
        _isNew = true;
        _isForgiven = false;
        Resumed++;
        Events.Resume();
    }

    /// <summary>An order to stop was carried out.</summary>
    internal void OnRest() => _decision = new Decision(Follows.Nothing, DueAt: null, new RestartPolicy());

    /// <param name="instance">Its number.</param>
    /// <param name="isAnew">The machine has opened a new account, as it does for an order.</param>
    /// <param name="lifeBegan">Since when there is a supervisor.</param>
    internal void OnLaunch(long instance, bool isAnew, TimeSpan lifeBegan)
    {
        var isTold = _launched.Count == 0 || _ended.ContainsKey(_launched.Keys.Max());
        var wasForgiven = _isForgiven;
        if (wasForgiven && isAnew)
        {
            Resume();
        }

        _launched[instance] = new Launched(world.Now, isAnew);
        if (isTold && !wasForgiven)
        {
            Judge(_launched[instance], lifeBegan);
        }

        // Else it follows the end of the one before in the same step, and that is told next.
    }

    internal void OnEnded(HistoryEntry entry, bool isRepeat, RestartPolicy policy, bool awaitsStart)
    {
        if (_isForgiven)
        {
            // Its number may be used again, and is not to be told once for two.
            _numbers.Add(entry.Instance);
            return;
        }

        // A power cut may bring back a record that tells of ends long since told.
        var isOld = isRepeat && _numbers.Contains(entry.Instance) && !_launched.ContainsKey(entry.Instance);
        if (isOld || !_ended.TryAdd(entry.Instance, world.Now))
        {
            return;
        }

        world.Require(entry.Cause.Length > 0 && entry.Message.Length > 0, $"an end has a cause: {entry}");
        var next = _launched.GetValueOrDefault(entry.Instance + 1);
        _decision = DecisionOf(entry, isRepeat, policy, isOrdered: next?.IsAnew is not false);
        if (next is not null)
        {
            world.Require(
                entry.Outcome is HistoryOutcome.Restarted,
                $"nothing is launched beside what lives: {component} #{entry.Instance + 1}");
            Judge(next, TimeSpan.Zero);
        }

        if (_orderedAt < world.Now && !awaitsStart && _openOrders == 0)
        {
            // What an order made of an end that a probe had begun may still be launched, after a kill in between.
            var isOpen = next is null && entry.Outcome is HistoryOutcome.Restarted;
            var isOrdered = _orderedAt > TimeSpan.MinValue || _decision?.Follows is Follows.Order;
            _orderedAt = isOpen && isOrdered ? world.Now : TimeSpan.MinValue;
        }
    }

    internal void OnKilled(ComponentRuntime runtime, string boot)
    {
        _known = (runtime, boot);
        _killedAt = world.Now;
        _openOrders = 0;
        Events.OnKilled();
    }

    internal void OnReboot()
    {
        NoteReused();
        _numbers.UnionWith(_launched.Keys.Concat(_ended.Keys));
        _past.UnionWith(_launched.Keys.Where(
            one => _ended.TryGetValue(one, out var end) && _killedAt - end > TimeSpan.FromSeconds(1)));
        _launched.Clear();
        _ended.Clear();
        _known = null;
        _decision = null;
        _restarts.Clear();
        _badRuns = 0;
        _isNew = true;
        Events.OnReboot();
    }

    internal void CheckRestored(ComponentRecord? record, string boot)
    {
        if (_known is not { } known || known.Boot != boot || _isForgiven)
        {
            return;
        }

        world.Require(
            record is not null || known.Runtime.Epoch == 0,
            $"the state can be read after every kill: that of {component} cannot");
        if (record is null)
        {
            return;
        }

        var (before, after) = (known.Runtime, record.Runtime);
        world.Require(
            after.Instance >= before.Instance && after.Restarts >= before.Restarts && after.Epoch >= before.Epoch,
            $"counters survive: {component} was {before} and is {after}");
        world.Require(
            after.Epoch > before.Epoch
                || after.Instance > before.Instance
                || (after.Restarts == before.Restarts
                    && after.BadRuns == before.BadRuns
                    && after.Ledger.Times.SequenceEqual(before.Ledger.Times)),
            $"counters survive: {component} was {before} and is {after}");
    }

    internal void CheckHistory(IReadOnlyList<HistoryEntry> history)
    {
        if (_isForgiven)
        {
            return;
        }

        var entries = history.Where(entry => entry.Component == component).ToLookup(entry => entry.Instance);
        // A power cut may take numbers along, which are used again then.
        NoteReused();
        foreach (var instance in _launched.Keys.Union(_past).Except(_reused))
        {
            world.Require(
                entries[instance].Count() == 1,
                $"every end is in the history once: {component} #{instance} is {entries[instance].Count()} times");
        }
    }

    private void NoteReused() => _reused.UnionWith(_launched.Keys.Concat(_ended.Keys).Intersect(_numbers));

    private Decision DecisionOf(HistoryEntry entry, bool isRepeat, RestartPolicy policy, bool isOrdered)
    {
        switch (entry.Outcome)
        {
            case HistoryOutcome.Restarted when entry.Cause == "operator":
                return new Decision(Follows.Order, DueAt: null, policy);
            case HistoryOutcome.Restarted:

                // Whether it was good was decided when its probe failed, by the file of then.
                world.Require(
                    isOrdered
                        || entry.Cause == "probe"
                        || entry.UptimeSeconds >= policy.MinUptime.TotalSeconds,
                    $"only a run of min_uptime is followed at once: {component} ran {entry.UptimeSeconds} s");
                _badRuns = 0;
                return new Decision(Follows.Restart, isRepeat ? null : world.Now, policy);
            case HistoryOutcome.Backoff:
                var delay = entry.DelaySeconds.GetValueOrDefault();
                if (!_launched.ContainsKey(entry.Instance) && _orderedAt > TimeSpan.MinValue && delay < 1.5)
                {
                    // Ordered and written down, and then the supervisor was killed before the launch.
                    _badRuns = 0;
                    _restarts.Clear();
                }

                _badRuns++;
                var nominal = Math.Min(LongestDelay, Math.Pow(2, Math.Min(_badRuns, 20) - 1));
                world.Require(
                    Math.Abs(delay - nominal) <= (nominal * Jitter) + 1e-6,
                    $"delays are 1, 2, 4, 8, 16, 32, 60, 60 s: {component} waits {delay} s after {_badRuns} bad runs");
                world.Require(
                    entry.Cause == "probe"
                        || entry.UptimeSeconds is null
                        || TrueUptime(entry.Instance) < policy.MinUptime,
                    $"a run of min_uptime is followed at once: {component} #{entry.Instance}");
                return new Decision(
                    Follows.Restart, isRepeat ? null : world.Now + TimeSpan.FromSeconds(delay), policy);
            case HistoryOutcome.Failed:
                return new Decision(Follows.Retry, isRepeat ? null : world.Now + policy.RetryAfter, policy);
            default:
                return new Decision(Follows.Nothing, DueAt: null, policy);
        }
    }

    private TimeSpan TrueUptime(long instance) => leaderOf(component, instance) is { EndedAt: { } end } leader
        ? end - leader.LaunchedAt
        : TimeSpan.Zero;

    private void Judge(Launched launch, TimeSpan lifeBegan)
    {
        var decision = _decision;
        _decision = null;
        if (launch.IsAnew)
        {
            world.Require(
                _isNew
                    || IsAllOrdered()
                    || IsRestartedByOthers
                    || _orderedAt > TimeSpan.MinValue
                    || decision?.Follows is Follows.Order,
                $"nothing is launched that nobody wants: {component}");
            _isNew = false;
            _orderedAt = _openOrders > 0 ? _orderedAt : TimeSpan.MinValue;
            _badRuns = 0;
            _restarts.Clear();
            return;
        }

        world.Require(
            decision?.Follows is Follows.Restart or Follows.Retry,
            $"what rests goes on resting: {component} after {decision}");
        if (decision?.DueAt is { } due)
        {
            var latest = due > lifeBegan ? due : lifeBegan;
            if (decision is { Follows: Follows.Retry, Policy.RetryAfter: var after } && after < LongestWindow)
            {
                // It waits until the limit has room for it, by the file of then.
                latest += LongestWindow - after;
            }

            world.Require(launch.At >= due - Moment, $"nothing is launched early: {component}, due at {due}");
            world.Require(launch.At <= latest + Moment, $"nothing is launched late: {component}, due at {due}");
        }

        if (decision is { Policy: var policy })
        {
            // The try after failed is one of them. A wider window that the file is given later has not seen what had
            // left the narrow one.
            _restarts.RemoveAll(time => launch.At - time >= policy.Window - Moment);
            _restarts.Add(launch.At);
            var within = _restarts.Count;
            world.Require(
                within <= policy.Limit,
                $"restarts in any window stay within the limit: {within} of {policy.Limit}, {component}");
        }
    }

    private enum Follows
    {
        Nothing,
        Restart,
        Retry,
        Order,
    }

    private sealed record Launched(TimeSpan At, bool IsAnew);

    private sealed record Decision(Follows Follows, TimeSpan? DueAt, RestartPolicy Policy);
}
