using Drover.Server.Hosting;

namespace Drover.Server.Features.Access;

/// <summary>
/// Makes guessing slow: after too many wrong tokens within a minute an address is refused, right token or not, until
/// the minute is over. Bounded: when too many addresses fail at once, the oldest are forgotten first.
/// </summary>
internal sealed class SignInThrottle(TimeProvider time)
{
    public const int MostFailures = 20;

    private const int MostAddresses = 4096;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (TimeSpan Since, int Failures)> _failures = new(StringComparer.Ordinal);

    /// <summary>Seconds until the address is heard again, or null when it is heard now.</summary>
    public int? BlockedFor(string address)
    {
        lock (_gate)
        {
            if (!_failures.TryGetValue(address, out var seen) || seen.Failures < MostFailures)
            {
                return null;
            }

            var left = seen.Since + Window - time.Monotonic();
            if (left > TimeSpan.Zero)
            {
                return (int)Math.Ceiling(left.TotalSeconds);
            }

            _failures.Remove(address);
            return null;
        }
    }

    /// <summary>Counts a wrong token.</summary>
    public void NoteFailure(string address)
    {
        lock (_gate)
        {
            var now = time.Monotonic();
            if (!_failures.TryGetValue(address, out var seen) || seen.Since + Window <= now)
            {
                MakeRoom();
                seen = (now, 0);
            }

            _failures[address] = (seen.Since, seen.Failures + 1);
        }
    }

    private void MakeRoom()
    {
        if (_failures.Count >= MostAddresses)
        {
            foreach (var address in _failures.OrderBy(pair => pair.Value.Since)
                .Take(MostAddresses / 4)
                .Select(pair => pair.Key)
                .ToList())
            {
                _failures.Remove(address);
            }
        }
    }
}
