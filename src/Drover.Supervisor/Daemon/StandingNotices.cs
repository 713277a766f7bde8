using Drover.Runtime.Events;
using Drover.Supervisor.Logs;

namespace Drover.Supervisor.Daemon;

/// <summary>
/// What the keeper of logs has told and not taken back: it is shown above the components until it is over. Thread-safe.
/// </summary>
internal sealed class StandingNotices
{
    private const int Listable = 5;

    private readonly Lock _gate = new();
    private readonly Pulse _changed = new();
    private readonly Dictionary<string, string> _ofDirectory = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, LogNotice.Failed> _failed = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _tooLarge = new(StringComparer.Ordinal);

    /// <summary>Completes at the next change; take it before looking.</summary>
    internal Task NextChange => _changed.Next;

    /// <summary>One for each kind of trouble, so that a hundred components on a full disk are one sentence.</summary>
    internal IReadOnlyList<string> Sentences
    {
        get
        {
            lock (_gate)
            {
                return
                [
                    .. _ofDirectory.Values,
                    .. _tooLarge.Values.Take(Listable),
                    .. _failed.Values
                        .GroupBy(one => one.Why)
                        .Select(group =>
                            $"cannot keep the log of {Listed(group.Select(one => one.Component))}: {group.Key}"),
                ];
            }
        }
    }

    /// <summary>As people list names, and not more than they read.</summary>
    internal static string Listed(IEnumerable<string> names)
    {
        var all = names.Select(name => $"\"{name}\"").ToList();
        return all.Count <= Listable
            ? string.Join(", ", all)
            : $"{string.Join(", ", all.Take(Listable))} and {all.Count - Listable} more";
    }

    internal void Take(LogNotice notice)
    {
        lock (_gate)
        {
            switch (notice)
            {
                case LogNotice.DiskFull full:
                    _ofDirectory["disk"] = full.Message;
                    break;
                case LogNotice.DiskFree:
                    _ofDirectory.Remove("disk");
                    break;
                case LogNotice.CannotRotate cannot:
                    _ofDirectory["rotation"] = cannot.Message;
                    break;
                case LogNotice.TooLarge large:
                    _tooLarge[large.Component] = large.Message;
                    break;
                case LogNotice.Failed failed:
                    _failed[failed.Component] = failed;
                    break;
                case LogNotice.Resumed resumed:
                    _failed.Remove(resumed.Component);
                    break;
                default:
                    // It has happened and is over: an event, not a state.
                    return;
            }
        }

        _changed.Beat();
    }
}
