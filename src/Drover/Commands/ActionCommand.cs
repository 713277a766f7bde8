using System.CommandLine;
using System.Text.Json;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary>
/// <c>drover restart</c>, <c>stop</c> and <c>start</c>: order it, stay until it has happened, say how long it took.
/// </summary>
internal sealed class ActionCommand
{
    private static readonly TimeSpan LongestGrace = TimeSpan.FromSeconds(300);
    private static readonly TimeSpan DefaultWait = TimeSpan.FromSeconds(330);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly VerbContext _verbs;
    private readonly string _type;
    private readonly string _done;
    private readonly Argument<string> _app;
    private readonly Option<string?> _host;
    private readonly Option<string?> _container;
    private readonly Option<string?> _reason =
        new("--reason") { Description = "Why; kept in the history", HelpName = "TEXT" };
    private readonly Option<TimeSpan?> _grace = SharedOptions.Duration(
        "--timeout", "Time between the stop signal and the kill (default 10s)", TimeSpan.FromSeconds(1), LongestGrace);

    private readonly Option<TimeSpan?> _wait = SharedOptions.Duration(
        "--wait", "How long to stay for the outcome; 0 only orders (default 5m30s)", TimeSpan.Zero, LongestWait);

    private readonly Option<bool> _force =
        new("--force") { Description = "When it cannot be restarted gently, kill it and start it again" };
    private readonly Option<string> _output = SharedOptions.Output();

    private ActionCommand(VerbContext verbs, string type, string done)
    {
        _verbs = verbs;
        _type = type;
        _done = done;
        _app = AppArgument.Create(verbs);
        _container = AppArgument.ContainerOption(verbs);
        _host = AppArgument.HostOption(verbs, "Host it runs on, where several have the app");
    }

    public static Command Restart(VerbContext verbs) =>
        new ActionCommand(verbs, CommandTypes.Restart, "restarted").Build(
            "Restart an app's container and wait for the outcome.");

    public static Command Stop(VerbContext verbs) =>
        new ActionCommand(verbs, CommandTypes.Stop, "stopped").Build(
            "Stop an app's container and wait for the outcome.");

    public static Command Start(VerbContext verbs) =>
        new ActionCommand(verbs, CommandTypes.Start, "started").Build(
            "Start an app's stopped container and wait for the outcome.");

    private Command Build(string description)
    {
        var command = new Command(_type, description) { _app, _host, _container, _reason };
        if (_type != CommandTypes.Start)
        {
            command.Add(_grace);
        }

        if (_type == CommandTypes.Restart)
        {
            command.Add(_force);
        }

        command.Add(_wait);
        command.Add(_output);
        _verbs.RunWithServer(command, RunAsync);
        return command;
    }

    private async Task<ExitCode> RunAsync(ParseResult parsed, DroverClient client, CancellationToken cancellationToken)
    {
        var grace = _type == CommandTypes.Start ? null : parsed.GetValue(_grace);
        var order = new OrderRequest(
            _type,
            parsed.GetValue(_host),
            new CommandParameters
            {
                AppCode = parsed.GetValue(_app),
                Container = parsed.GetValue(_container),
                StopTimeout = grace is { } time ? (int)Math.Ceiling(time.TotalSeconds) : null,
                Force = _type == CommandTypes.Restart && parsed.GetValue(_force) ? true : null,
            },
            Reason: parsed.GetValue(_reason));
        var json = parsed.GetValue(_output) == SharedOptions.Json;
        var wait = parsed.GetValue(_wait) ?? DefaultWait;
        CommandDto command;
        using (var progress = json ? null : new Progress(_verbs.Screen, _verbs.Time))
        {
            command = await StayAsync(
                new OrderRunner(client, _verbs.Time, progress, ordered => _ordered = ordered),
                order,
                wait,
                cancellationToken)
                .ConfigureAwait(false);
        }

        if (json)
        {
            JsonText.WriteOne(_verbs.Screen, command, WireJson.Default.CommandDto);
        }

        if (wait == TimeSpan.Zero && !CommandStates.IsFinal(command.Status))
        {
            Say(json, $"ordered: {_type} {command.AppCode} on {command.HostName} as {command.CommandId}");
            return ExitCode.Ok;
        }

        OrderRunner.ThrowUnlessCompleted(command);
        var since = json || _type == CommandTypes.Stop
            ? null
            : await new AfterStart(client, _verbs.Time).EndedAsync(command, cancellationToken).ConfigureAwait(false);
        Say(json, Outcome(command, hasEnded: since is not null) + since);
        return ExitCode.Ok;
    }

    private CommandDto? _ordered;

    private async Task<CommandDto> StayAsync(
        OrderRunner runner, OrderRequest order, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            return await runner.RunAsync(order, wait, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_ordered is { } ordered)
        {
            throw new CliException(
                ExitCode.Interrupted,
                $"no longer waiting for the {_type} of \"{ordered.AppCode}\" on {ordered.HostName}, which goes on as "
                    + $"{ordered.CommandId}",
                "`drover commands` shows how it ended");
        }
    }

    private string Outcome(CommandDto command, bool hasEnded)
    {
        if (ResultOf(command, "changed") is { ValueKind: JsonValueKind.False })
        {
            var already = _type == CommandTypes.Start ? "running" : _done;
            return $"{command.AppCode} on {command.HostName} was already {already}; nothing was done";
        }

        var state = !hasEnded && ResultOf(command, "container_state") is { } value ? $" ({value})" : "";
        var took = command.CompletedAt is { } end
            ? $" in {TimeText.Took(end - (command.StartedAt ?? command.CreatedAt))}"
            : "";
        return $"{_done} {command.AppCode} on {command.HostName}{took}{state}";
    }

    private static JsonElement? ResultOf(CommandDto command, string name) =>
        command.Result is { ValueKind: JsonValueKind.Object } result && result.TryGetProperty(name, out var value)
            ? value
            : null;

    private void Say(bool json, string text)
    {
        if (!json)
        {
            _verbs.Screen.Out.WriteLine(Paint.OneLine(text));
        }
    }
}
