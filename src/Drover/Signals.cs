using System.Runtime.InteropServices;

namespace Drover;

/// <summary>
/// SIGINT, SIGTERM, SIGQUIT and SIGHUP ask for an orderly end; a second one of the first three ends the process at
/// once, for the person whose first one met something that does not end. A closing terminal may send SIGHUP twice, so
/// that one never does. A daemon takes SIGHUP for the word to read its file again.
/// </summary>
internal sealed class Signals : IDisposable
{
    private const int BySignal = 128; // What shells report for a process that a signal ended: 128 + number.

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _received;

    /// <param name="hangUp">What SIGHUP does by now; null to ask for an orderly end.</param>
    public Signals(Func<Action?> hangUp) => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => OnHangUp(context, hangUp())),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => On(context, 2)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => On(context, 15)),
        PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context => On(context, 3)),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Stop => _stop.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void OnHangUp(PosixSignalContext context, Action? instead)
    {
        context.Cancel = true;
        if (instead is null)
        {
            _stop.Cancel();
        }
        else
        {
            instead();
        }
    }

    private void On(PosixSignalContext context, int number)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _received) > 1)
        {
            Environment.Exit(BySignal + number);
        }

        _stop.Cancel();
    }
}
