using Drover.Runtime.Docker;
using Drover.Runtime.Scheduling;

namespace Drover.Gateway.Swarm;

/// <summary>
/// The one loop that asks the engine, a question at a time, so that no answer overtakes another. It asks when something
/// happened, every few milliseconds while somebody waits, and everything once in <see cref="ResyncPeriod"/>; else it
/// sleeps.
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
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly Questions _questions;
    private readonly SwarmClient _client;
    private readonly ILookSink _sink;
    private readonly TimeProvider _time;
    private readonly Signal _wake;

    public LookRunner(Questions questions, SwarmClient client, ILookSink sink, TimeProvider time)
    {
        _questions = questions;
        _client = client;
        _sink = sink;
        _time = time;
        _wake = new Signal(time);
    }

    /// <summary>There is something to ask.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var last = _time.GetTimestamp();
        var hurriedSince = last;
        var retry = FirstRetry;
        _questions.AskEverything();
        while (true)
        {
            var wanted = _questions.Take();
            if (wanted.Hurried.Count is 0)
            {
                hurriedSince = _time.GetTimestamp();
            }

            var isWhole = wanted.Everything || _time.GetElapsedTime(last) >= ResyncPeriod;
            try
            {
                await LookAsync(wanted with { Everything = isWhole }, cancellationToken);
                last = isWhole ? _time.GetTimestamp() : last;
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

            await PauseAsync(hurriedSince, last, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _wake.Dispose();

    private async Task LookAsync(Wanted wanted, CancellationToken cancellationToken)
    {
        var asked = _sink.Moment;
        if (wanted.Everything)
        {
            _sink.Take([await _client.AllAsync(asked, cancellationToken)], isWhole: true);
            return;
        }

        var tasks = wanted.Services.Concat(_sink.IdsOf(wanted.Hurried)).ToHashSet();
        if (tasks.Count > 0 || wanted.Bridge)
        {
            var answers = await _client.SomeAsync(asked, tasks, wanted.Services, wanted.Bridge, cancellationToken);
            _sink.Take(answers, isWhole: false);
        }
    }

    private async Task PauseAsync(long hurriedSince, long last, CancellationToken cancellationToken)
    {
        if (_questions.IsHurried)
        {
            var pause = _time.GetElapsedTime(hurriedSince) < FastFor ? FastPause : SlowPause;
            await _wake.WaitAsync(pause, cancellationToken);
            return;
        }

        var looked = _time.GetTimestamp();
        var isAwaited = await _wake.WaitAsync(Left(last), cancellationToken);
        var rest = Breath - _time.GetElapsedTime(looked);
        if (isAwaited && rest > TimeSpan.Zero && !_questions.IsHurried)
        {
            await Task.Delay(rest, _time, cancellationToken);
        }
    }

    private TimeSpan Left(long last)
    {
        var left = ResyncPeriod - _time.GetElapsedTime(last);
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

    /// <summary>The engine answered.</summary>
    void Take(IReadOnlyList<SwarmListing> answers, bool isWhole);

    /// <summary>It did not.</summary>
    void CannotLook(string reason);
}
