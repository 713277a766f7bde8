using Drover.Runtime.Docker;
using Drover.Runtime.Scheduling;

namespace Drover.Gateway.Swarm;

/// <summary>
/// The one loop that asks the engine, a question at a time, so that no answer overtakes another. It asks when something
/// happened, and again less and less often until the service has settled; every few milliseconds while somebody waits;
/// and everything once in <see cref="ResyncPeriod"/>. Else it sleeps.
/// </summary>
internal sealed class LookRunner : IDisposable
{
    /// <summary>What no event tells (a task of another node) is known after this at the latest.</summary>
    public static readonly TimeSpan ResyncPeriod = TimeSpan.FromSeconds(30);

    // Most wakes are over within a second; a longer one does not mind 20 ms.
    private static readonly TimeSpan FastPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan SlowPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FastFor = TimeSpan.FromSeconds(2);

    // A storm of events is answered by some fifty questions a second, not by one each.
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(20);

    // Swarm takes half a second to start a task and five to restart one; what takes longer is found by the resync.
    private static readonly TimeSpan FirstFollow = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastFollow = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly Questions _questions;
    private readonly SwarmClient _client;
    private readonly ILookSink _sink;
    private readonly TimeProvider _time;
    private readonly Signal _wake;
    private TimeSpan _follow = FirstFollow;
    private long _hurriedSince;
    private long _lastWhole;
    private long _lastMoment;

    public LookRunner(Questions questions, SwarmClient client, ILookSink sink, TimeProvider time)
    {
        _questions = questions;
        _client = client;
        _sink = sink;
        _time = time;
        _wake = new Signal(time);
    }

    /// <summary>There is something to ask; after the end there is nobody to ask.</summary>
    public void Wake()
    {
        try
        {
            _wake.Set();
        }
        catch (ObjectDisposedException)
        {
            // A life that ends beside the gateway may still be in a hurry.
        }
    }

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _lastWhole = _time.GetTimestamp();
        var retry = FirstRetry;
        IReadOnlySet<string> following = new HashSet<string>();
        _questions.AskEverything();
        while (true)
        {
            var wanted = _questions.Take();
            if (wanted.Hurried.Count is 0)
            {
                _hurriedSince = _time.GetTimestamp();
            }

            if (wanted.Everything || wanted.Services.Count > 0)
            {
                _follow = FirstFollow;
            }

            var isWhole = wanted.Everything || _time.GetElapsedTime(_lastWhole) >= ResyncPeriod;
            try
            {
                await LookAsync(wanted with { Everything = isWhole }, following, cancellationToken);
                _lastWhole = isWhole ? _time.GetTimestamp() : _lastWhole;
                retry = FirstRetry;
            }
            catch (DockerApiException error) when (error.IsNotFound && !isWhole)
            {
                // A service that is gone spoils the question for others.
                _questions.AskEverything();
                continue;
            }
            catch (DockerException error)
            {
                _questions.AskEverything();
                _sink.CannotLook(error.Message);
                await _wake.WaitAsync(retry, cancellationToken);
                retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
                continue;
            }

            following = await PauseAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _wake.Dispose();

    private async Task LookAsync(
        Wanted wanted, IReadOnlySet<string> following, CancellationToken cancellationToken)
    {
        // Engines tell of some changes a moment before their own lists show them: what was learnt since the last look
        // stands against this one.
        var asked = _lastMoment;
        _lastMoment = _sink.Moment;
        if (wanted.Everything)
        {
            _sink.Take([await _client.AllAsync(asked, cancellationToken)], isWhole: true);
            return;
        }

        var tasks = wanted.Services.Concat(following).Concat(_sink.IdsOf(wanted.Hurried)).ToHashSet();
        if (tasks.Count > 0)
        {
            var answers = await _client.SomeAsync(
                asked, tasks, wanted.Services, _sink.LacksAddress(), cancellationToken);
            _sink.Take(answers, isWhole: false);
        }
    }

    /// <summary>Waits for the next question; gives the services to look after because nobody tells of them.</summary>
    private async Task<IReadOnlySet<string>> PauseAsync(CancellationToken cancellationToken)
    {
        if (_questions.IsHurried)
        {
            var pause = _time.GetElapsedTime(_hurriedSince) < FastFor ? FastPause : SlowPause;
            await _wake.WaitAsync(pause, cancellationToken);
            return new HashSet<string>();
        }

        var looked = _time.GetTimestamp();
        var unsettled = _follow < LastFollow ? _sink.Unsettled() : new HashSet<string>();
        var limit = unsettled.Count > 0 && _follow < Left() ? _follow : Left();
        if (!await _wake.WaitAsync(limit, cancellationToken))
        {
            _follow *= 2;
            return unsettled;
        }

        var rest = Breath - _time.GetElapsedTime(looked);
        if (rest > TimeSpan.Zero && !_questions.IsHurried)
        {
            await Task.Delay(rest, _time, cancellationToken);
        }

        return new HashSet<string>();
    }

    private TimeSpan Left()
    {
        var left = ResyncPeriod - _time.GetElapsedTime(_lastWhole);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}

/// <summary>Who is told what a <see cref="LookRunner"/> learns.</summary>
internal interface ILookSink
{
    /// <summary>The moment of the picture, now.</summary>
    long Moment { get; }

    /// <summary>Ids of services, of those that exist.</summary>
    IEnumerable<string> IdsOf(IReadOnlyList<string> names);

    /// <summary>True when a container is there whose address on this node's bridge is not known.</summary>
    bool LacksAddress();

    /// <summary>Ids of services that are on their way somewhere.</summary>
    IReadOnlySet<string> Unsettled();

    /// <summary>The engine answered.</summary>
    void Take(IReadOnlyList<SwarmListing> answers, bool isWhole);

    /// <summary>It did not.</summary>
    void CannotLook(string reason);
}
