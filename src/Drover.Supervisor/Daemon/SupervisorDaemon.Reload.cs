using Drover.Runtime.Configuration;
using Drover.Supervisor.Control;

namespace Drover.Supervisor.Daemon;

/// <summary>The user's file, read again.</summary>
internal sealed partial class SupervisorDaemon
{
    /// <summary>
    /// Reads the user's file again and takes up what changed. Begun, it is carried out whoever goes on waiting for it.
    /// </summary>
    /// <exception cref="ControlException">It cannot be used, and nothing changed.</exception>
    internal Task<ReloadOutcome> ReloadAsync(CancellationToken cancellationToken)
    {
        RefuseWhileStopping();
        return TakeUpFileAsync().WaitAsync(cancellationToken);
    }

    private async Task<ReloadOutcome> TakeUpFileAsync()
    {
        _notify.Reloading();
        string? refusal = "cannot take up drover.yaml";
        try
        {
            var document = _options.Reread();
            await _webhooks.ApplyAsync(document.Webhooks);
            var outcome = await _components.ReloadAsync(document, ProberOf, _ending.Token);
            foreach (var component in document.Components)
            {
                Keep(component);
            }

            foreach (var removed in outcome.Removed.Except(outcome.Added))
            {
                _logs.Forget(removed);
            }

            refusal = null;
            return outcome;
        }
        catch (IOException error)
        {
            refusal = $"{error.Message}; nothing was changed";
            throw new ControlException(refusal, hint: null, error);
        }
        catch (ConfigurationException error)
        {
            refusal = $"{error.Message}; nothing was changed";
            throw new ControlException(refusal, error.Hint, error);
        }
        finally
        {
            // Also when it failed: the manager waits for this word, and what ran before goes on.
            _notify.Reloaded(refusal);
        }
    }
}
