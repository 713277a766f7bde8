using System.Threading.Channels;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary>
/// <c>drover ps --watch</c>: lists again when the server's event stream says that something changed, never by polling.
/// An event can be ahead of the inventory it announces, so that a few looks follow each; between them only ages move.
/// Survives restarts of the server.
/// </summary>
internal sealed class PsWatch(VerbContext verbs, DroverClient client, string? host, bool json)
{
    private static readonly TimeSpan[] LooksAfterEvent =
    [
        TimeSpan.FromMilliseconds(50),
        TimeSpan.FromMilliseconds(300),
        TimeSpan.FromMilliseconds(700),
        TimeSpan.FromSeconds(2),
    ];

    private static readonly TimeSpan AgeTick = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly Screen _screen = verbs.Screen;
    private IReadOnlyList<HostContainerDto> _containers = [];
    private IReadOnlyList<HostDto> _hosts = [];
    private string? _disconnected;
    private string _lastPrinted = "";

    public async Task<ExitCode> RunAsync(CancellationToken cancellationToken)
    {
        // The first list also finds out whether there is a server at all; from then on its absence is only shown.
        await LookAsync(cancellationToken).ConfigureAwait(false);
        Paint();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var listening = ListenAsync(ending.Token);
        try
        {
            await PaintLoopAsync(listening, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await listening.ContinueWith(_ => { }, TaskScheduler.Default).ConfigureAwait(false);
        }

        await listening.ConfigureAwait(false);
        return ExitCode.Ok;
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        var query = new EventQuery(Types: ["container.*", "host.*"], Host: host);
        var events = client.FollowEventsAsync(query, OnConnection, cancellationToken);
        await foreach (var _ in events.ConfigureAwait(false))
        {
            _wakes.Writer.TryWrite(true);
        }
    }

    private void OnConnection(string? broken)
    {
        _disconnected = broken;
        _wakes.Writer.TryWrite(true);
    }

    private async Task PaintLoopAsync(Task listening, CancellationToken cancellationToken)
    {
        var looksLeft = new Queue<TimeSpan>();
        var woken = _wakes.Reader.WaitToReadAsync(cancellationToken).AsTask();
        while (!listening.IsCompleted)
        {
            var pause = looksLeft.TryPeek(out var next) ? next : AgeTick;
            var tick = Task.Delay(pause, verbs.Time, cancellationToken);
            await Task.WhenAny(woken, tick, listening).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (woken.IsCompleted)
            {
                _wakes.Reader.TryRead(out _);
                woken = _wakes.Reader.WaitToReadAsync(cancellationToken).AsTask();
                looksLeft = new Queue<TimeSpan>(LooksAfterEvent);
            }
            else if (looksLeft.TryDequeue(out _))
            {
                await LookIfThereAsync(cancellationToken).ConfigureAwait(false);
            }

            Paint();
        }
    }

    private async Task LookIfThereAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ServerUnreachableException error)
        {
            _disconnected = error.Message;
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        _containers = await client.ListContainersAsync(host, cancellationToken).ConfigureAwait(false);
        _hosts = await PsCommand.HostsAsync(client, host, cancellationToken).ConfigureAwait(false);
    }

    private void Paint()
    {
        if (json)
        {
            PrintIfChanged(
                string.Concat(_containers.Select(one => $"{one.HostId}{one.HostState}{one.Container}")), () =>
                    JsonText.WriteLine(
                        _screen,
                        new Page<HostContainerDto>([.. ContainerTable.Sorted(_containers)], null),
                        WireJson.Default.PageHostContainerDto));
            return;
        }

        var table = ContainerTable.Build(_containers, verbs.Now);
        var lines = table.Lines(_screen.OutPaint, _screen.OutIsTerminal ? _screen.Width : null).ToList();
        lines.AddRange(
            ContainerTable.Doubts(_hosts, verbs.Now).Select(doubt => _screen.OutPaint.Apply(Tone.Warning, doubt)));
        if (_disconnected is { } why)
        {
            lines.Add(_screen.OutPaint.Apply(Tone.Bad, $"not connected: {Terminal.Paint.OneLine(why)}; trying again"));
        }

        if (_screen.OutIsTerminal)
        {
            _screen.Out.Write("\x1b[H");
            _screen.Out.Write(string.Concat(lines.Select(line => $"{line}\x1b[K\n")));
            _screen.Out.Write("\x1b[J");
            _screen.Out.Flush();
        }
        else
        {
            // Ages move every second; a pipe wants changes only.
            PrintIfChanged(
                string.Concat(_containers.Select(one => $"{one.HostId}{one.HostState}{one.Container}")) + _disconnected,
                () =>
                    _screen.Out.WriteLine(string.Join('\n', lines) + "\n"));
        }
    }

    private void PrintIfChanged(string state, Action print)
    {
        if (state != _lastPrinted)
        {
            _lastPrinted = state;
            print();
            _screen.Out.Flush();
        }
    }
}
