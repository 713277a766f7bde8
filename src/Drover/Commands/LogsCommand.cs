using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Drover.Runtime.Configuration;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary>
/// <c>drover logs</c>: an app's newest lines, or those since a time, and on request what is written next.
/// </summary>
internal sealed class LogsCommand
{
    private const int DefaultLines = 100;
    private const int LargestPage = 1000;
    private const int TickDigits = 7;
    private static readonly TimeSpan PageWait = TimeSpan.FromSeconds(60);

    private readonly VerbContext _verbs;
    private readonly Argument<string> _app;
    private readonly Option<string?> _host;
    private readonly Option<string?> _container;
    private readonly Option<int?> _lines = new("--tail", "-n")
    {
        Description = "Newest lines to show, 1 to 1000 (default 100, with --since all)",
        HelpName = "N",
        CustomParser = result => SharedOptions.Whole(result, 1, LargestPage, "; more lines come with --since"),
    };
    private readonly Option<bool> _follow =
        new("--follow", "-f") { Description = "Stay and print what is written next" };
    private readonly Option<string?> _since;
    private readonly Option<string?> _stream =
        new("--stream") { Description = "Only stdout or only stderr", HelpName = "stdout|stderr" };
    private readonly Option<bool> _timestamps = new("--timestamps", "-t") { Description = "Print each line's time" };
    private readonly Option<string> _output = SharedOptions.Output("json for programs: one object a line (NDJSON)");

    private LogsCommand(VerbContext verbs)
    {
        _verbs = verbs;
        _app = AppArgument.Create(verbs);
        _container = AppArgument.ContainerOption(verbs);
        _host = AppArgument.HostOption(verbs, "Host it runs on, where several have the app");
        _since = SinceOption(verbs);
        SharedOptions.Only(_stream, ["stdout", "stderr"]);
    }

    /// <summary>The option that says where a log begins.</summary>
    public static Option<string?> SinceOption(VerbContext verbs)
    {
        var since = new Option<string?>("--since")
        {
            Description = "Begin at a time (2026-01-31T08:00:00Z) or so long ago (10m)",
            HelpName = "TIME",
        };
        since.Validators.Add(result =>
        {
            if (result.Tokens is not [var token, ..])
            {
                return;
            }

            var time = ParseSince(token.Value, verbs.Now);
            if (time is null)
            {
                result.AddError(
                    "--since takes a duration such as 10m or a time such as 2026-01-31T08:00:00Z, not "
                        + $"\"{token.Value}\"");
            }
            else if (time > verbs.Now)
            {
                result.AddError($"--since \"{token.Value}\" is a time that is still to come");
            }
        });
        return since;
    }

    public static Command Create(VerbContext verbs)
    {
        var logs = new LogsCommand(verbs);
        var command =
            new Command("logs", "Show an app's log. Secrets were replaced by *** before the lines left their host.")
        {
            logs._app,
            logs._host,
            logs._container,
            logs._lines,
            logs._follow,
            logs._since,
            logs._stream,
            logs._timestamps,
            logs._output,
        };
        verbs.RunWithServer(command, (parsed, client, cancellationToken) => parsed.GetValue(logs._follow)
            ? logs.FollowAsync(parsed, client, cancellationToken)
            : logs.PagesAsync(parsed, client, cancellationToken));
        return command;
    }

    private async Task<ExitCode> FollowAsync(
        ParseResult parsed, DroverClient client, CancellationToken cancellationToken)
    {
        var since = Since(parsed);
        var query = new LogQuery(
            parsed.GetValue(_app)!,
            parsed.GetValue(_host),
            parsed.GetValue(_container),
            since,
            parsed.GetValue(_lines) ?? (since is null ? DefaultLines : null),
            Streams(parsed));
        var screen = _verbs.Screen;
        void OnConnection(string? broken)
        {
            if (broken is not null)
            {
                screen.Error.WriteLine(
                    screen.ErrorPaint.Apply(Tone.Dim, $"[connection lost: {broken}; going on after the last line]"));
                screen.Error.Flush();
            }
        }

        await foreach (var line in client.FollowLogAsync(query, OnConnection, cancellationToken).ConfigureAwait(false))
        {
            if (line.End is { } end)
            {
                screen.Out.Flush();
                screen.Error.WriteLine(screen.ErrorPaint.Apply(Tone.Dim, $"[log ended: {Paint.OneLine(end)}]"));
                break;
            }

            Print(parsed, new LogLineDto(line.Ts ?? "", line.Stream ?? "", line.Message ?? "", line.Redacted ?? false));
            screen.Out.Flush();
        }

        return ExitCode.Ok;
    }

    private async Task<ExitCode> PagesAsync(
        ParseResult parsed, DroverClient client, CancellationToken cancellationToken)
    {
        var since = Since(parsed);
        var wanted = parsed.GetValue(_lines);
        var newest = new Queue<LogLineDto>();
        string? cursor = null;
        while (true)
        {
            var page = await PageAsync(parsed, client, since, cursor, wanted, cancellationToken).ConfigureAwait(false);
            foreach (var line in page.Lines)
            {
                newest.Enqueue(line);
                if (wanted is { } most && newest.Count > most)
                {
                    newest.Dequeue();
                }
            }

            // Without a limit lines are printed as pages come; with one only the last ones are wanted.
            while (wanted is null && newest.TryDequeue(out var line))
            {
                Print(parsed, line);
            }

            // Without --since the one page is the newest one, and "truncated" speaks of what is older.
            if (since is null || !page.Truncated || page.Cursor is null || page.Cursor == cursor)
            {
                break;
            }

            cursor = page.Cursor;
        }

        foreach (var line in newest)
        {
            Print(parsed, line);
        }

        return ExitCode.Ok;
    }

    private async Task<LogsResult> PageAsync(
        ParseResult parsed,
        DroverClient client,
        string? since,
        string? cursor,
        int? wanted,
        CancellationToken cancellationToken)
    {
        var parameters = new CommandParameters
        {
            AppCode = parsed.GetValue(_app),
            Container = parsed.GetValue(_container),
            Since = cursor is null ? since : null,
            Cursor = cursor,
            Limit = since is null ? wanted ?? DefaultLines : LargestPage,
            Streams = Streams(parsed),
        };
        var order = new OrderRequest(
            CommandTypes.Logs, parsed.GetValue(_host), parameters, TimeoutSeconds: (int)PageWait.TotalSeconds);
        using var progress = new Progress(_verbs.Screen, _verbs.Time);
        var ended = await new OrderRunner(client, _verbs.Time, quiet: _verbs.Screen.ErrorIsTerminal ? progress : null)
            .RunAsync(order, PageWait, cancellationToken).ConfigureAwait(false);
        OrderRunner.ThrowUnlessCompleted(ended);
        return ended.Result?.Deserialize(WireJson.Default.LogsResult)
            ?? throw new CliException(ExitCode.Failed, "cannot show the log: the host's answer has no lines in it");
    }

    private void Print(ParseResult parsed, LogLineDto line)
    {
        var screen = _verbs.Screen;
        if (parsed.GetValue(_output) == SharedOptions.Json)
        {
            JsonText.WriteLine(screen, line, WireJson.Default.LogLineDto);
            return;
        }

        var message = screen.OutIsTerminal ? Paint.LogLine(line.Message) : line.Message;
        screen.Out.WriteLine(
            parsed.GetValue(_timestamps) ? $"{screen.OutPaint.Apply(Tone.Dim, line.Ts)} {message}" : message);
    }

    private string? Since(ParseResult parsed) =>
        ParseSince(parsed.GetValue(_since), _verbs.Now) is { } time
            ? time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture)
            : null;

    /// <summary>The time that <c>--since</c> means; null where it is not given, or is none.</summary>
    public static DateTimeOffset? ParseSince(string? text, DateTimeOffset now)
    {
        if (text is null)
        {
            return null;
        }

        if (DurationText.TryParse(text, out var ago) is null)
        {
            return now - ago;
        }

        // A time of `logs -t` has nine digits, of which the parser keeps seven by rounding: cut, so that a line is
        // still found by its own time.
        return DateTimeOffset.TryParse(
            CutFraction(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var time)
            ? time
            : null;
    }

    private static string CutFraction(string text)
    {
        var first = text.IndexOf('.', StringComparison.Ordinal) + 1;
        var end = first;
        while (end > 0 && end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end - first > TickDigits ? text.Remove(first + TickDigits, end - first - TickDigits) : text;
    }

    private string[]? Streams(ParseResult parsed) => parsed.GetValue(_stream) is { } stream ? [stream] : null;
}
