using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands;

/// <summary>
/// Two lanes, so that a long job never blocks a look: what changes nothing runs up to four at once; actions run up to
/// four at once and one at a time for each container. Whoever is most urgent goes first, and of those the one that
/// came first. Thread-safe.
/// </summary>
internal sealed class CommandLanes
{
    private const int Width = 4;

    private readonly Lock _gate = new();
    private readonly Lane _quick = new();
    private readonly Lane _actions = new();
    private readonly HashSet<string> _busy = new(StringComparer.Ordinal);

    /// <summary>Enters the lane of what changes nothing; leave by disposing.</summary>
    public Task<IDisposable> EnterQuickAsync(string priority, CancellationToken cancellationToken) =>
        EnterAsync(_quick, new Visitor(null, UrgencyOf(priority)), cancellationToken);

    /// <summary>Enters the lane of actions when nobody works on the same container; leave by disposing.</summary>
    public Task<IDisposable> EnterActionAsync(
        string container, string priority, CancellationToken cancellationToken) =>
        EnterAsync(_actions, new Visitor(container, UrgencyOf(priority)), cancellationToken);

    private static int UrgencyOf(string priority)
    {
        for (var urgency = 0; urgency < CommandPriorities.Ascending.Count; urgency++)
        {
            if (CommandPriorities.Ascending[urgency] == priority)
            {
                return urgency;
            }
        }

        return 1;
    }

    private async Task<IDisposable> EnterAsync(Lane lane, Visitor visitor, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var behind = lane.Waiting.FindIndex(other => other.Urgency < visitor.Urgency);
            lane.Waiting.Insert(behind < 0 ? lane.Waiting.Count : behind, visitor);
            Admit(lane);
        }

        await using (cancellationToken.Register(() => GiveUp(lane, visitor, cancellationToken)))
        {
            await visitor.Admitted.Task;
        }

        return new Leave(() => Depart(lane, visitor));
    }

    private void Admit(Lane lane)
    {
        for (var index = 0; index < lane.Waiting.Count && lane.Inside < Width;)
        {
            var visitor = lane.Waiting[index];
            if (visitor.Container is { } container && !_busy.Add(container))
            {
                // A queue for one container must not fill the lane.
                index++;
                continue;
            }

            lane.Waiting.RemoveAt(index);
            lane.Inside++;
            visitor.Admitted.TrySetResult();
        }
    }

    private void GiveUp(Lane lane, Visitor visitor, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (lane.Waiting.Remove(visitor))
            {
                visitor.Admitted.TrySetCanceled(cancellationToken);
            }
        }
    }

    private void Depart(Lane lane, Visitor visitor)
    {
        lock (_gate)
        {
            lane.Inside--;
            if (visitor.Container is { } container)
            {
                _busy.Remove(container);
            }

            Admit(lane);
        }
    }

    private sealed class Lane
    {
        public List<Visitor> Waiting { get; } = [];

        public int Inside { get; set; }
    }

    private sealed class Visitor(string? container, int urgency)
    {
        public string? Container { get; } = container;

        public int Urgency { get; } = urgency;

        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Leave(Action leave) : IDisposable
    {
        private Action? _leave = leave;

        public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
    }
}
