using Drover.Runtime.Configuration;

namespace Drover.Runtime.Probing;

/// <summary>
/// Runs a probe once, bounded, with the kubelet's meaning: no answer in time is a failure; a probe that could not be
/// run is an error, which counts for nothing. Whatever a probe does wrong ends here: no exception of its own escapes.
/// </summary>
public static class ProbeExecution
{
    /// <summary>The timeout when none is written.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Runs it on the thread pool, so that one that blocks delays nobody; one that is immediate at
    /// once.</summary>
    /// <param name="probe">What to run.</param>
    /// <param name="subject">The instance to ask.</param>
    /// <param name="timeout">
    /// After this the answer is given without the probe, which is told to end and left to do so.
    /// </param>
    /// <param name="time">Clock of timeout and latency.</param>
    /// <param name="cancellationToken">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>What it found and how long that took, by the monotonic clock.</returns>
    public static async Task<(ProbeReport Report, TimeSpan Latency)> RunAsync(
        IProbe probe,
        ProbeSubject subject,
        TimeSpan timeout,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(probe);
        ArgumentNullException.ThrowIfNull(time);
        cancellationToken.ThrowIfCancellationRequested();
        if (probe.IsImmediate)
        {
            var asked = time.GetTimestamp();
            return (await AtOnceAsync(probe, subject, cancellationToken), time.GetElapsedTime(asked));
        }

        var deadline = new CancellationTokenSource(timeout, time);
        var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);

        // Taken now: a probe that is quick enough has ended, and its sources with it, before the next lines run.
        var (ends, late) = (either.Token, deadline.Token);
        var start = time.GetTimestamp();
        var run = Task.Run(() => probe.RunAsync(subject, ends).AsTask(), CancellationToken.None);
        _ = ReleaseAsync(run, either, deadline);
        var report = await ReportAsync(probe, run, timeout, ends, late, cancellationToken);
        return (report, time.GetElapsedTime(start));
    }

    private static async Task<ProbeReport> ReportAsync(
        IProbe probe,
        Task<ProbeReport> run,
        TimeSpan timeout,
        CancellationToken either,
        CancellationToken deadline,
        CancellationToken cancellationToken)
    {
        try
        {
            return await run.WaitAsync(either);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception) when (deadline.IsCancellationRequested)
        {
            return ProbeReport.Failure($"no answer within {DurationText.Format(timeout)}");
        }
        catch (Exception exception)
        {
            return NotRun(probe, exception);
        }
    }

    private static async ValueTask<ProbeReport> AtOnceAsync(
        IProbe probe, ProbeSubject subject, CancellationToken cancellationToken)
    {
        try
        {
            return await probe.RunAsync(subject, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return NotRun(probe, exception);
        }
    }

    private static ProbeReport NotRun(IProbe probe, Exception exception) => ProbeReport.Error(
        $"cannot run the probe \"{probe.Description}\": {ForeignText.OneLine(exception.Message)}");

    /// <summary>A probe may outlive its timeout for as long as it takes to end; its token lives as long.</summary>
    private static async Task ReleaseAsync(Task run, params CancellationTokenSource[] sources)
    {
        await run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var source in sources)
        {
            source.Dispose();
        }
    }
}
