namespace Drover.Server.Features.Limits;

/// <summary>How many requests each caller has open. Holds only callers that have one. Thread-safe.</summary>
internal sealed class OpenRequests(int most)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);

    /// <summary>How many callers have a request open.</summary>
    public int Callers
    {
        get
        {
            lock (_gate)
            {
                return _open.Count;
            }
        }
    }

    /// <summary>True when the caller may open one more; it must be closed with <see cref="Close"/>.</summary>
    public bool TryOpen(string caller)
    {
        lock (_gate)
        {
            var open = _open.GetValueOrDefault(caller);
            if (open >= most)
            {
                return false;
            }

            _open[caller] = open + 1;
            return true;
        }
    }

    public void Close(string caller)
    {
        lock (_gate)
        {
            if (_open[caller] is 1)
            {
                _open.Remove(caller);
            }
            else
            {
                _open[caller]--;
            }
        }
    }
}
