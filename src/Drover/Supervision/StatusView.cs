using Drover.Commands;
using Drover.Supervisor.Control;
using Drover.Terminal;

namespace Drover.Supervision;

/// <summary>
/// Puts a status on the screen: once, or again after every change that the supervisor tells of. On a terminal ages move
/// on in between; piped, a change is a new picture, as JSON an object a line.
/// </summary>
internal sealed class StatusView(VerbContext verbs, bool verbose, bool json)
{
    private static readonly TimeSpan AgeTick = TimeSpan.FromSeconds(1);

    private readonly Screen _screen = verbs.Screen;
    private bool _isFirst = true;

    public void Show(SupervisorStatus status)
    {
        if (json)
        {
            JsonText.WriteOne(_screen, status, ControlJson.Default.SupervisorStatus);
            return;
        }

        foreach (var line in Lines(status))
        {
            _screen.Out.WriteLine(line);
        }
    }

    /// <summary>Follows until the supervisor ends or the person stops.</summary>
    public async Task WatchAsync(ControlClient client, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var changes = client.WatchAsync(stop.Token).GetAsyncEnumerator(stop.Token);
        var next = changes.MoveNextAsync().AsTask();
        try
        {
            SupervisorStatus? status = null;
            while (true)
            {
                var tick = Task.Delay(AgeTick, verbs.Time, stop.Token);
                await Task.WhenAny(next, tick).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (next.IsCompleted)
                {
                    if (!await next.ConfigureAwait(false))
                    {
                        break;
                    }

                    status = changes.Current;
                    next = changes.MoveNextAsync().AsTask();
                    Paint(status);
                }
                else if (status is not null && _screen.OutIsTerminal)
                {
                    Paint(status);
                }
            }
        }
        finally
        {
            // An enumerator that is still asked for its next cannot be let go of.
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await changes.DisposeAsync().ConfigureAwait(false);
        }

        _screen.Error.WriteLine("The supervisor ended.");
    }

    private void Paint(SupervisorStatus status)
    {
        if (json)
        {
            JsonText.WriteLine(_screen, status, ControlJson.Default.SupervisorStatus);
        }
        else if (_screen.OutIsTerminal)
        {
            // Home, each line with the rest of the old one cleared, then all below. Long lines are cut and not wrapped,
            // so that what fits by its lines does fit.
            var lines = Lines(status).ToList();
            if (lines.Count >= _screen.Height)
            {
                lines = [.. StatusTable.Lines(
                    status, verbs.Now, _screen.OutPaint, _screen.Width, _screen.Height - 1)];
            }

            _screen.Out.Write(_isFirst ? "\x1b[2J\x1b[H\x1b[?7l" : "\x1b[H\x1b[?7l");
            _screen.Out.Write(string.Concat(lines.Select(line => $"{line}\x1b[K\n")));
            _screen.Out.Write("\x1b[J\x1b[?7h");
        }
        else
        {
            _screen.Out.Write(_isFirst ? "" : "\n");
            _screen.Out.Write(string.Concat(Lines(status).Select(line => $"{line}\n")));
        }

        _isFirst = false;
        _screen.Out.Flush();
    }

    private IEnumerable<string> Lines(SupervisorStatus status) =>
        StatusText.Lines(status, verbs.Now, verbose, _screen.OutPaint);
}
