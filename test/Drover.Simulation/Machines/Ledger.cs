using Drover.Core.Components;
using Drover.Supervisor.Components;
using Drover.Supervisor.Control;
using Drover.Supervisor.State;

namespace Drover.Simulation.Machines;

/// <summary>
/// Keeps account of what happened over all lives of the supervisor, by what reached the machine and what people were
/// told, and requires of it what must hold.
/// </summary>
internal sealed class Ledger(World world, SimulatedMachine machine)
{
    private readonly Dictionary<string, Account> _accounts = [];
    private readonly HashSet<string> _leaving = [];
    private int _openForAll;
    private int _refusedBefore;
    private SupervisorLife? _life;

    internal int Launches { get; private set; }

    internal int Restarts => _accounts.Values.Sum(account => account.Restarts);

    /// <summary>How often an account went on after something had to be forgiven.</summary>
    internal int Resumed => _accounts.Values.Sum(account => account.Resumed);

    /// <summary>The supervisor that lives now.</summary>
    internal SupervisorLife? Life
    {
        get => _life;
        set => (_life, _refusedBefore) = (value, machine.Disk.Refusals);
    }

    /// <summary>The disk refused something to the supervisor that lives now: the next may read what is old.</summary>
    private bool WasRefused => machine.Disk.Refusals > _refusedBefore;

    internal Account Of(string component)
    {
        if (!_accounts.TryGetValue(component, out var account))
        {
            _accounts.Add(component, account = NewAccount(component));
        }

        return account;
    }

    /// <summary>Somebody wants components to run, or to run anew; until that is done anything may start them.</summary>
    internal async Task OrderedAsync(IReadOnlyList<string> components, bool isForAll, Func<Task> order)
    {
        _openForAll += isForAll ? 1 : 0;
        var accounts = components.Select(Of).ToList();
        accounts.ForEach(account => account.OnOrder());
        await order();
        accounts.ForEach(account => account.OnOrderDone());
        _openForAll -= isForAll && _openForAll > 0 ? 1 : 0;
    }

    internal void OnLaunch(string component, long instance)
    {
        Launches++;
        var runtime = Life!.Set.Find(component)!.View.Runtime;
        Of(component).OnLaunch(instance, runtime is { BadRuns: 0, Ledger.Times.Length: 0 }, Life.StartedAt);
    }

    internal void OnEnded(HistoryEntry entry, bool isRepeat)
    {
        var seat = Life!.Set.Find(entry.Component)!;
        Of(entry.Component).OnEnded(entry, isRepeat, seat.Document.Spec.Restart, seat.View.AwaitsStart);
    }

    internal void OnEvent(ComponentEvent happened) => Of(happened.Component.Name).Events.Take(happened);

    /// <summary>What every runner knew is what the next must know.</summary>
    internal void OnKilled(ComponentSet set)
    {
        foreach (var name in _leaving)
        {
            // Its record may be gone already, and the file will name it again: what is due to it is anybody's guess.
            var account = NewAccount(name);
            account.Follow(_accounts[name]);
            account.Forgive();
            _accounts[name] = account;
        }

        foreach (var seat in set.Seats.Where(seat => !_leaving.Contains(seat.Name)))
        {
            var account = Of(seat.Name);
            account.OnKilled(seat.View.Runtime, machine.Boot);
            if (WasRefused)
            {
                account.Forgive();
            }
        }

        _leaving.Clear();
        _openForAll = 0;
    }

    /// <summary>It ended in order; of what it could not write down the next knows nothing.</summary>
    internal void OnEndedInOrder()
    {
        if (WasRefused)
        {
            _accounts.Values.ToList().ForEach(account => account.Forgive());
        }
    }

    internal void OnReboot() => _accounts.Values.ToList().ForEach(account => account.OnReboot());

    /// <summary>The file is about to name it no more.</summary>
    internal void Leaves(string component) => _leaving.Add(component);

    /// <summary>The file does not name it any more, and nothing of it is left.</summary>
    internal void HasLeft(string component)
    {
        _leaving.Remove(component);
        _accounts.Remove(component);
    }

    internal void CheckRestored(string component, ComponentRecord? record) =>
        Of(component).CheckRestored(record, machine.Boot);

    /// <summary>A status never says that something runs which does not, nor that something rests which runs.</summary>
    internal void CheckStatus(ComponentStatus status)
    {
        if (status.Kind is ComponentKind.External)
        {
            return;
        }

        var living = machine.Kernel.Living(status.Name).ToList();
        var says = $"{status.Name} is {status.State}, process {status.Pid}";
        if (status.State is ComponentState.Stopped or ComponentState.Failed or ComponentState.Backoff)
        {
            world.Require(
                living.Count == 0,
                $"a status never says that it rests while it lives: {says}, {living.FirstOrDefault()?.What}");
        }
        else if (status is { Pid: { } pid, State: not ComponentState.Stopping })
        {
            var leader = machine.Kernel.Leaders.LastOrDefault(
                one => one.Component == status.Name && one.Instance == status.Instance);
            world.Require(
                leader is not null && leader.Pid == pid && (leader.EndedAt ?? world.Now) >= world.Now - Account.Moment,
                $"a status never says running for a dead process: {says}, {leader?.What} ended at {leader?.EndedAt}");
        }
    }

    /// <summary>Every instance that ever ended is in the history once, with its cause.</summary>
    internal void CheckHistory(IReadOnlyList<HistoryEntry> history)
    {
        foreach (var account in _accounts.Values)
        {
            account.CheckHistory(history);
        }
    }

    private Account NewAccount(string component) => new(world, component, machine.Kernel.LeaderOf)
    {
        IsAllOrdered = () => _openForAll > 0,
        IsRestartedByOthers = Life?.FileOf(component)?.RestartsWith.Count > 0,
    };
}
