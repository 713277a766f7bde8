using Drover.Core.Health;
using Drover.Supervisor.Control;
using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Components;

/// <summary>Takes up a changed file without touching what it does not change.</summary>
internal sealed partial class ComponentSet
{
    /// <summary>
    /// What is new is started, what is gone is stopped and forgotten, a policy or a probe counts from now on, and a
    /// changed launch waits for a restart. One that became another kind is gone and new.
    /// </summary>
    /// <param name="document">What the file says now.</param>
    /// <param name="proberOf">Makes the probes of a component.</param>
    /// <param name="cancellationToken">Gives up waiting for those that stop.</param>
    internal async Task<ReloadOutcome> ReloadAsync(
        SupervisorDocument document,
        Func<ComponentDocument, IComponentProber> proberOf,
        CancellationToken cancellationToken)
    {
        await _orders.WaitAsync(cancellationToken);
        try
        {
            RefuseWhenClosed();
            var before = Seats;
            var removed = before.Where(seat => !IsKept(document.Find(seat.Name), seat.Document)).ToList();
            await RemoveAsync(removed, cancellationToken);
            RefuseWhenClosed();
            foreach (var seat in removed)
            {
                await seat.Runner.ForgetAsync();
            }

            var seats = document.Components
                .Select(next => before.Except(removed).FirstOrDefault(seat => seat.Name == next.Name) ?? Seat(next))
                .ToList();
            var added = seats.Except(before).ToList();
            var changed = new List<string>();
            var pending = new List<string>();
            foreach (var seat in seats.Except(added))
            {
                TakeUp(seat, document.Find(seat.Name)!, proberOf, changed, pending);
            }

            _state = new State(document, seats);
            await Task.WhenAll(
                added.Select(seat => StartRunnerAsync(seat, isContinuation: false, cancellationToken)));
            _work.Beat();
            _pulse.Beat();
            return new ReloadOutcome
            {
                Added = [.. added.Select(seat => seat.Name)],
                Removed = [.. removed.Select(seat => seat.Name)],
                Changed = changed,
                RestartPending = pending,
            };
        }
        finally
        {
            _orders.Release();
        }
    }

    private static bool IsKept(ComponentDocument? next, ComponentDocument before) =>
        next is not null && next.Launch.GetType() == before.Launch.GetType();

    private static void TakeUp(
        ComponentSeat seat,
        ComponentDocument next,
        Func<ComponentDocument, IComponentProber> proberOf,
        List<string> changed,
        List<string> pending)
    {
        var before = seat.Document;
        seat.Document = next;
        if (!next.Launch.IsSame(before.Launch))
        {
            seat.Launch.Next = next.Launch;
            pending.Add(seat.Name);
        }

        var others = Enum.GetValues<ProbeKind>()
            .Where(kind => !ProbeTargets.IsSame(next.TargetOf(kind), before.TargetOf(kind)))
            .ToList();
        if (next.Spec != before.Spec || others.Count > 0)
        {
            seat.Runner.Post(new RunnerMessage.Reconfigure(next.Spec, proberOf(next), others));
        }

        if (next.Spec != before.Spec || others.Count > 0 || !IsSameAround(next, before))
        {
            changed.Add(seat.Name);
        }
    }

    /// <summary>What no instance knows of: its name for people, its needs, its log.</summary>
    private static bool IsSameAround(ComponentDocument next, ComponentDocument before) =>
        next.DisplayName == before.DisplayName
        && next.Log == before.Log
        && next.DependsOn.SequenceEqual(before.DependsOn)
        && next.RestartsWith.SetEquals(before.RestartsWith);
}
