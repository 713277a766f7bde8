using Drover.Core.Events;
using Drover.HostAgent.Inventory;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Events;
using Drover.Wire.Inventory;

namespace Drover.HostAgent.Events;

/// <summary>
/// Decides which events to report: each of the engine's as it comes, and after a gap (the agent, the engine or the
/// connection was away) the differences between what was last told and what is there, at most once each. Pure but for
/// its own memory; single-threaded.
/// </summary>
/// <remarks>
/// After a gap two sources may tell of one thing: the picture, and an event that was still on its way. A container
/// that had an event since the gap is taken from its events alone; one that was taken from the picture ignores events
/// older than what the picture showed.
/// </remarks>
internal sealed class ContainerLedger
{
    /// <summary>Events older than a picture come soon after it or never; later, an old date only means a clock set
    /// back.</summary>
    private static readonly TimeSpan LateEvents = TimeSpan.FromSeconds(10);

    private static readonly EngineTimestamp Forever = new(long.MaxValue, 0);

    private readonly Dictionary<string, LedgerEntry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EngineTimestamp> _shownUpTo = new(StringComparer.Ordinal);
    private readonly List<LedgerEntry> _changes = [];
    private bool _hasPicture;
    private bool _isSettled;
    private DateTimeOffset _pictureAt;

    /// <param name="stored">What the file held, oldest first; empty at the very first start.</param>
    internal ContainerLedger(IEnumerable<LedgerEntry> stored)
    {
        foreach (var entry in stored)
        {
            _hasPicture = true;
            Keep(entry);
        }
    }

    /// <summary>The line that is about no container: a picture was taken, and these spooled events are
    /// included.</summary>
    internal static LedgerEntry Mark(long? spooledThrough) =>
        new("", "", "", "", Running: false, Paused: false, Health: null, StartedAt: null)
        {
            SpooledThrough = spooledThrough,
        };

    /// <summary>What the file must hold to make this ledger again.</summary>
    internal IReadOnlyList<LedgerEntry> Snapshot() => [Mark(spooledThrough: null), .. _entries.Values];

    /// <summary>The entries that changed since the last call, for the file.</summary>
    internal IReadOnlyList<LedgerEntry> TakeChanges()
    {
        LedgerEntry[] taken = [.. _changes];
        _changes.Clear();
        return taken;
    }

    /// <summary>From here on nothing told before is certain, until an event or a picture confirms it.</summary>
    internal void BeginGap()
    {
        _isSettled = false;
        _told.Clear();
        _shownUpTo.Clear();
    }

    /// <summary>What to report of one event of the engine; null for nothing.</summary>
    internal ToldEvent? Tell(DockerEvent happened, DateTimeOffset now)
    {
        var id = happened.ActorId;
        var type = LedgerRules.TypeOf(happened);
        if (now - _pictureAt > LateEvents)
        {
            _shownUpTo.Clear();
        }

        if (_shownUpTo.TryGetValue(id, out var shown) && happened.Time <= shown)
        {
            return null;
        }

        var isKnown = _entries.TryGetValue(id, out var before);
        if (isKnown)
        {
            before = Renamed(before!, happened);
        }

        if (type is null)
        {
            return null;
        }

        before ??= New(id, happened["name"] ?? id, happened.Attributes, happened["image"] ?? "");
        var after = LedgerRules.After(before, type, happened.Time);
        if (IsCertain(id) && LedgerRules.IsRepeated(isKnown, before, after, type))
        {
            return null;
        }

        Keep(after);
        Note(after);
        if (!_isSettled)
        {
            _told.Add(id);
        }

        var exitCode = type == EventTypes.ContainerDied ? LedgerRules.ExitCodeOf(happened) : null;
        return new ToldEvent(ContainerEvents.Make(type, happened.Time.ToDateTimeOffset(), after, exitCode), after);
    }

    /// <summary>What to report after a gap, given what is there now. The first picture of all is the beginning, not
    /// news.</summary>
    internal IReadOnlyList<ToldEvent> Tell(InventoryPicture picture, DateTimeOffset now)
    {
        var news = new List<ToldEvent>();
        foreach (var (_, known) in picture.Containers.Where(pair => !IsCertain(pair.Key)))
        {
            Compare(known.Container, now, news);
        }

        var missing = _entries.Values
            .Where(entry => !picture.Containers.ContainsKey(entry.Id) && !IsCertain(entry.Id))
            .ToList();
        foreach (var gone in missing)
        {
            var removed = gone with { Gone = true };
            Keep(removed);
            Note(removed);
            _shownUpTo[gone.Id] = Forever;
            news.Add(new ToldEvent(ContainerEvents.Make(EventTypes.ContainerRemoved, now, removed), removed));
        }

        _isSettled = true;
        _pictureAt = now;
        _told.Clear();
        if (!_hasPicture)
        {
            _hasPicture = true;
            Note(Mark(spooledThrough: null));
            return [];
        }

        return [.. news.OrderBy(one => one.Event.Time)];
    }

    private void Compare(ContainerDto container, DateTimeOffset now, List<ToldEvent> news)
    {
        var isNew = !_entries.TryGetValue(container.DockerId, out var before);
        var after = new LedgerEntry(
            container.DockerId, container.Name, AppCode.Of(container.Labels, container.Name), container.Image,
            container.State is "running" or "paused" or "restarting", container.State is "paused",
            container.Health is "healthy" or "unhealthy" ? container.Health : null, container.StartedAt);
        before ??= after with { Running = false, Paused = false, Health = null, StartedAt = null };
        var shown = before;

        var startedAt = Moment(container.StartedAt);
        var finishedAt = Moment(container.FinishedAt);

        // A start or an end known from an event is dated a little after the run's own, never before it.
        var hasNewRun = startedAt is not null && (Moment(before.StartedAt) is not { } last || startedAt > last);
        var first = news.Count;
        void Add(EventType type, EngineTimestamp? at, int? exitCode = null)
        {
            // Each event shows only what is told with it, for a cut may come between two of them.
            shown = LedgerRules.After(shown, type, at ?? EngineTimestamp.From(now));
            news.Add(
                new ToldEvent(ContainerEvents.Make(type, at?.ToDateTimeOffset() ?? now, after, exitCode), shown));
        }

        if (isNew)
        {
            Add(EventTypes.ContainerCreated, Moment(container.CreatedAt));
        }

        if (after.Running && (!before.Running || hasNewRun))
        {
            Add(EventTypes.ContainerStarted, startedAt);
        }
        else if (!after.Running && (before.Running || (hasNewRun && finishedAt is not null)))
        {
            Add(EventTypes.ContainerDied, finishedAt, container.ExitCode);
        }

        if (after.Paused != before.Paused && after.Running)
        {
            Add(after.Paused ? EventTypes.ContainerPaused : EventTypes.ContainerUnpaused, at: null);
        }

        if (after.Health is not null && after.Health != before.Health)
        {
            Add(after.Health is "healthy" ? EventTypes.ContainerHealthy : EventTypes.ContainerUnhealthy, at: null);
        }

        if (news.Count > first)
        {
            news[^1] = news[^1] with { Shows = after };
        }

        // The event of this very change is dated a little later; that one is known by changing nothing.
        if ((after.Running ? startedAt : finishedAt) is { } upTo)
        {
            _shownUpTo[after.Id] = upTo;
        }

        Keep(after);
        if (isNew || after != before)
        {
            Note(after);
        }
    }

    /// <summary>
    /// The entry under the name that the event gives: <c>docker compose up</c> recreates a container under a passing
    /// name and renames it before it starts. The app code follows the name where no label gives one.
    /// </summary>
    private LedgerEntry Renamed(LedgerEntry before, DockerEvent happened)
    {
        if (happened["name"] is not { Length: > 0 } name || name == before.Name)
        {
            return before;
        }

        var after = before with { Name = name, AppCode = AppCode.Of(happened.Attributes, name) };
        Keep(after);
        Note(after);
        return after;
    }

    private bool IsCertain(string id) => _isSettled || _told.Contains(id);

    private static LedgerEntry New(string id, string name, IReadOnlyDictionary<string, string> labels, string image) =>
        new(id, name, AppCode.Of(labels, name), image, Running: false, Paused: false, Health: null, StartedAt: null);

    private static EngineTimestamp? Moment(string? text) =>
        EngineTimestamp.TryParse(text, out var moment) ? moment : null;

    private void Keep(LedgerEntry entry)
    {
        if (entry.Gone)
        {
            _entries.Remove(entry.Id);
        }
        else if (entry.Id.Length > 0)
        {
            _entries[entry.Id] = entry;
        }
    }

    private void Note(LedgerEntry entry) => _changes.Add(entry);
}
