namespace Drover.Roles;

/// <summary>What SIGHUP does: each role that can takes up drover.yaml anew, and each sentence is said once.</summary>
internal sealed partial class RoleHost
{
    private const string ReadAgain = "drover.yaml was read again";

    private readonly Lock _reloadsGate = new();
    private readonly List<(string Role, Func<Task<string?>> ReloadAsync)> _reloads = [];

    /// <summary>
    /// From now on SIGHUP does not end the process for a role that starts: a service manager may send it at the very
    /// moment it hears that the process is there.
    /// </summary>
    /// <returns>Says whether one came.</returns>
    private Func<bool> KeepHangUp(string role)
    {
        var came = 0;
        OnHangUp(role, () =>
        {
            Interlocked.Exchange(ref came, 1);
            return Task.FromResult<string?>(null);
        });
        return () => Volatile.Read(ref came) != 0;
    }

    /// <summary>From now on SIGHUP has a role read the file again.</summary>
    /// <param name="role">Which one; a later way of it takes the place of an earlier one.</param>
    /// <param name="reloadAsync">Reads it; what to say, null for nothing.</param>
    private void OnHangUp(string role, Func<Task<string?>> reloadAsync)
    {
        lock (_reloadsGate)
        {
            _reloads.RemoveAll(one => one.Role == role);
            _reloads.Add((role, reloadAsync));
        }

        _verbs.OnHangUp(() => _ = ReloadAsync());
    }

    /// <summary>A role that ends reads nothing any more; once none does, SIGHUP asks for an orderly end.</summary>
    private void NoHangUp(string role)
    {
        lock (_reloadsGate)
        {
            _reloads.RemoveAll(one => one.Role == role);
            if (_reloads.Count == 0)
            {
                _verbs.OnHangUp(null);
            }
        }
    }

    private async Task ReloadAsync()
    {
        List<(string Role, Func<Task<string?>> ReloadAsync)> reloads;
        lock (_reloadsGate)
        {
            reloads = [.. _reloads];
        }

        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (_, reloadAsync) in reloads)
        {
            if (await reloadAsync().ConfigureAwait(false) is { } sentence && said.Add(sentence))
            {
                Say(sentence);
            }
        }
    }
}
