using System.CommandLine;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.Gateway;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary><c>drover gateway agents</c>: every agent, once or for as long as somebody watches.</summary>
internal static class GatewayAgentsCommand
{
    private static readonly TimeSpan AgeTick = TimeSpan.FromSeconds(1);

    public static Command Create(VerbContext verbs)
    {
        var watch = new Option<bool>("--watch", "-w") { Description = "Stay and follow changes" };
        var output = SharedOptions.Output();
        var command = new Command(
            "agents",
            "Show the agents of the gateway: sleeping, starting, ready or degraded, what is open to each and how long "
                + "nobody used it.")
        {
            watch, output,
        };
        GatewayLink.Run(verbs, command, async (parsed, client, cancellationToken) =>
        {
            var json = parsed.GetValue(output) == SharedOptions.Json;
            var agents = await client.ListAgentsAsync(cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(watch))
            {
                await WatchAsync(verbs, client, json, cancellationToken).ConfigureAwait(false);
            }
            else if (json)
            {
                JsonText.WriteList(verbs.Screen, agents, WireJson.Default.GatewayAgentDto);
            }
            else
            {
                GatewayAgentTable.Build(agents, verbs.Now).Write(verbs.Screen);
                SayIfNone(verbs.Screen, agents);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void SayIfNone(Screen screen, IReadOnlyList<GatewayAgentDto> agents)
    {
        if (agents.Count == 0)
        {
            screen.Out.Flush();
            screen.Error.WriteLine("The gateway has no agents: drover.yaml names none under gateway.agents.");
        }
    }

    /// <summary>
    /// Follows until the person stops. On a terminal ages move on in between; piped, a change is a new picture, as JSON
    /// one list a line.
    /// </summary>
    private static async Task WatchAsync(
        VerbContext verbs, GatewayClient client, bool json, CancellationToken cancellationToken)
    {
        var painter = new Painter(verbs, json);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var changes = client.WatchAgentsAsync(why => painter.Disconnected = why, stop.Token)
            .GetAsyncEnumerator(stop.Token);
        var next = changes.MoveNextAsync().AsTask();
        try
        {
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

                    painter.Show(changes.Current);
                    next = changes.MoveNextAsync().AsTask();
                }
                else
                {
                    painter.Tick();
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
    }

    /// <summary>What is on the screen.</summary>
    private sealed class Painter(VerbContext verbs, bool json)
    {
        private readonly Screen _screen = verbs.Screen;
        private IReadOnlyList<GatewayAgentDto>? _agents;
        private DateTimeOffset _toldAt;
        private string? _said;

        /// <summary>Why the gateway cannot be heard; null when it can.</summary>
        public string? Disconnected { get; set; }

        public void Show(IReadOnlyList<GatewayAgentDto> agents)
        {
            (_agents, _toldAt) = (agents, verbs.Now);
            if (json)
            {
                JsonText.WriteLine(
                    _screen, new Page<GatewayAgentDto>(agents, null), WireJson.Default.PageGatewayAgentDto);
            }
            else if (_screen.OutIsTerminal)
            {
                Paint();
            }
            else
            {
                GatewayAgentTable.Build(agents, verbs.Now).Write(_screen);
                _screen.Out.WriteLine();
            }

            _screen.Out.Flush();
        }

        public void Tick()
        {
            if (_screen.OutIsTerminal && !json)
            {
                Paint();
                _screen.Out.Flush();
            }
            else if (Disconnected != _said)
            {
                _said = Disconnected;
                _screen.Error.WriteLine(_said is null ? "connected again" : $"not connected: {_said}; trying again");
                _screen.Error.Flush();
            }
        }

        private void Paint()
        {
            var lines = new List<string>();
            if (_agents is { } agents)
            {
                var passed = (long)(verbs.Now - _toldAt).TotalSeconds;
                var aged = agents.Select(agent => agent with { IdleSeconds = agent.IdleSeconds + passed }).ToList();
                lines.AddRange(
                    GatewayAgentTable.Build(aged, verbs.Now).Lines(_screen.OutPaint, _screen.Width));
            }

            if (Disconnected is { } why)
            {
                lines.Add(_screen.OutPaint.Apply(
                    Tone.Bad, $"not connected: {Terminal.Paint.OneLine(why)}; trying again"));
            }

            // Home, each line with the rest of the old one cleared, then all below.
            _screen.Out.Write("\x1b[H");
            _screen.Out.Write(string.Concat(lines.Select(line => $"{line}\x1b[K\n")));
            _screen.Out.Write("\x1b[J");
        }
    }
}
