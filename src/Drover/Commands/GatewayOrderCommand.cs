using System.CommandLine;
using Drover.Runtime.Configuration;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.Gateway;

namespace Drover.Commands;

/// <summary><c>drover gateway wake</c> and <c>sleep</c>: orders that a person stays for.</summary>
internal sealed class GatewayOrderCommand
{
    private static readonly TimeSpan UsualWait = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(24);

    private readonly VerbContext _verbs;
    private readonly Argument<string> _agent;
    private readonly Option<TimeSpan?> _wait;
    private readonly Option<string> _output = SharedOptions.Output();

    private GatewayOrderCommand(VerbContext verbs)
    {
        _verbs = verbs;
        _agent = GatewayAgentArgument.Create(verbs);
        _wait = SharedOptions.Duration(
            "--wait",
            $"How long to wait until it is done (default {DurationText.Format(UsualWait)}; 0 not at all)",
            TimeSpan.Zero,
            LongestWait);
    }

    public static Command Wake(VerbContext verbs) => new GatewayOrderCommand(verbs).Create(
        "wake",
        "Wake an agent whose policy is on_demand, and wait until it serves.",
        "ready",
        (client, name, wait, cancellationToken) => client.WakeAsync(name, wait, cancellationToken));

    public static Command Sleep(VerbContext verbs) => new GatewayOrderCommand(verbs).Create(
        "sleep",
        "Put an agent whose policy is on_demand to sleep: nothing new is let in, what is open may end within its "
            + "drain_timeout.",
        "sleeping",
        (client, name, wait, cancellationToken) => client.SleepAsync(name, wait, cancellationToken));

    private Command Create(string verb, string description, string wanted, Order give)
    {
        var command = new Command(verb, description) { _agent, _wait, _output };
        GatewayLink.Run(_verbs, command, async (parsed, client, cancellationToken) =>
        {
            var name = parsed.GetValue(_agent)!;
            var agent = await StayAsync(
                give, client, name, wanted, parsed.GetValue(_wait) ?? UsualWait, cancellationToken)
                .ConfigureAwait(false);
            if (parsed.GetValue(_output) == SharedOptions.Json)
            {
                JsonText.WriteOne(_verbs.Screen, agent, WireJson.Default.GatewayAgentDetailDto);
            }
            else
            {
                _verbs.Screen.Out.WriteLine($"{agent.Name}: {GatewayAgentTable.StateOf(agent)}");
            }

            if (agent.State == wanted)
            {
                return ExitCode.Ok;
            }

            _verbs.Screen.Out.Flush();
            _verbs.Screen.Error.WriteLine(
                "It is not done yet; it goes on, and `drover gateway agents` shows how far it is.");
            return ExitCode.TimedOut;
        });
        return command;
    }

    /// <summary>
    /// Gives the order again until it is done: one that is being carried out is joined, not begun anew.
    /// </summary>
    private async Task<GatewayAgentDetailDto> StayAsync(
        Order give,
        GatewayClient client,
        string name,
        string wanted,
        TimeSpan wait,
        CancellationToken cancellationToken)
    {
        using var progress = new Progress(_verbs.Screen, _verbs.Time);
        var began = _verbs.Time.GetTimestamp();
        var step = TimeSpan.FromSeconds(1);
        while (true)
        {
            var left = wait - _verbs.Time.GetElapsedTime(began);
            left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
            var agent = await give(client, name, left < step ? left : step, cancellationToken).ConfigureAwait(false);
            if (agent.State == wanted || left == TimeSpan.Zero)
            {
                return agent;
            }

            progress.Say(InWords(agent));
            step = GatewayClient.LongestWait;
        }
    }

    private static string InWords(GatewayAgentDetailDto agent) => agent.Connections is { Fenced: true, Open: > 0 } open
        ? FormattableString.Invariant($"{agent.Name}: {open.Open} still open to it")
        : $"{agent.Name}: {GatewayAgentTable.StateOf(agent)}";

    private delegate Task<GatewayAgentDetailDto> Order(
        GatewayClient client, string name, TimeSpan wait, CancellationToken cancellationToken);
}
