using System.Collections.Concurrent;
using Drover.Runtime.Uplink.Transport;

namespace Drover.Bench.Fleet;

/// <summary>What a fleet met. An error is a call that began while the server was up and failed for another reason than
/// being asked to come back later. Thread-safe.</summary>
internal sealed class FleetLedger
{
    private readonly ConcurrentDictionary<SimulatedHost, long> _lastBeat = new();
    private readonly ConcurrentDictionary<string, int> _errors = new(StringComparer.Ordinal);
    private long _upSince;
    private int _retries;

    /// <summary>Failures that are not the network's or the pacing's.</summary>
    public int Errors => _errors.Values.Sum();

    /// <summary>Tries that met a server that was away, or that asked to come back later.</summary>
    public int Retries => Volatile.Read(ref _retries);

    /// <summary>The errors in words, the most frequent first.</summary>
    public IEnumerable<string> Sentences =>
        _errors.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Value} x {pair.Key}");

    /// <summary>From now on nothing that fails is an error.</summary>
    public void ServerGone() => Volatile.Write(ref _upSince, long.MaxValue);

    /// <summary>The server answers.</summary>
    public void ServerUp() => Volatile.Write(ref _upSince, TimeProvider.System.GetTimestamp());

    public void Beaten(SimulatedHost host) => _lastBeat[host] = TimeProvider.System.GetTimestamp();

    public void Failed(ServerCallException error, long began)
    {
        if (error.Status is 429 || began < Volatile.Read(ref _upSince))
        {
            Interlocked.Increment(ref _retries);
            return;
        }

        _errors.AddOrUpdate(error.Message, 1, (_, count) => count + 1);
    }

    /// <summary>Hosts whose heartbeat was taken since the server came up.</summary>
    public int BackSinceUp() => _lastBeat.Values.Count(beat => beat >= Volatile.Read(ref _upSince));
}
