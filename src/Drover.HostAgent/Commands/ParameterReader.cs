using System.Text.Json;
using Drover.Runtime.Docker;
using Drover.HostAgent.Logs;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands;

/// <summary>Reads a command's parameters and refuses what is missing or out of range, naming it. Pure.</summary>
internal static class ParameterReader
{
    private const int MaxWrappings = 3;
    private const int MaxNameLength = 256;

    /// <summary>Reads them.</summary>
    /// <param name="command">As it was delivered.</param>
    /// <param name="context">What the handler gets; null when there is an error.</param>
    /// <returns>What is wrong, or null.</returns>
    public static CommandErrorDto? Read(CommandDto command, out CommandContext? context)
    {
        context = null;
        CommandParameters parameters;
        try
        {
            parameters = Unwrap(command.Parameters);
        }
        catch (JsonException error)
        {
            return Invalid(command, $"its parameters cannot be read: {error.Message}");
        }

        var appCode = AppCodeOf(command, parameters);
        if (Objection(command.Type, appCode, parameters) is { } why)
        {
            return Invalid(command, why);
        }

        context =
            new CommandContext(command.Type, command.DeploymentHash, appCode ?? FailureResults.NoAppCode, parameters);
        return null;
    }

    /// <summary>The app code as far as it can be read, for the result of a command that is refused.</summary>
    public static string? AppCodeOf(CommandDto command)
    {
        try
        {
            return AppCodeOf(command, Unwrap(command.Parameters));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? AppCodeOf(CommandDto command, CommandParameters parameters)
    {
        var appCode = parameters.AppCode?.Trim();
        var needsNone = command.Type is CommandTypes.Health or CommandTypes.List;
        return string.IsNullOrEmpty(appCode) ? needsNone ? "all" : null : appCode;
    }

    private static CommandParameters Unwrap(JsonElement? element)
    {
        if (element is not { ValueKind: not JsonValueKind.Null } given)
        {
            return new CommandParameters();
        }

        var parameters = given.Deserialize(WireJson.Default.CommandParameters) ?? new CommandParameters();
        for (var depth = 0; depth < MaxWrappings && parameters.Params is { } inner; depth++)
        {
            parameters = inner;
        }

        return parameters;
    }

    private static string? Objection(string type, string? appCode, CommandParameters parameters) => type switch
    {
        _ when appCode is null => "app_code is missing",
        _ when appCode.Length > MaxNameLength =>
            $"app_code has {appCode.Length} characters; {MaxNameLength} are allowed",
        CommandTypes.Logs => LogsObjection(parameters),
        CommandTypes.Restart or CommandTypes.Stop when parameters.StopTimeout is < 1 or > 300 =>
            $"stop_timeout is {parameters.StopTimeout}; it must lie between 1 and 300",
        _ => null,
    };

    private static string? LogsObjection(CommandParameters parameters)
    {
        if (parameters.Limit is < 1 or > LogBounds.MaxLimit)
        {
            return $"limit is {parameters.Limit}; it must lie between 1 and {LogBounds.MaxLimit}";
        }

        if (parameters.Streams is { } streams
            && (streams.Count == 0 || streams.Any(stream => stream is not ("stdout" or "stderr"))))
        {
            return $"streams is [{string.Join(", ", streams)}]; it may hold stdout and stderr";
        }

        if (parameters.Redact is false)
        {
            return "redact is false; logs leave this host only redacted";
        }

        if (parameters.Cursor is { } cursor && !LogCursor.TryParse(cursor, out _))
        {
            return $"cursor is \"{cursor}\"; it must be one that an earlier page gave";
        }

        return parameters.Since is { } since && !EngineTimestamp.TryParse(since, out _)
            ? $"since is \"{since}\"; it must be an RFC 3339 time such as 2026-01-02T03:04:05Z"
            : null;
    }

    private static CommandErrorDto Invalid(CommandDto command, string why) =>
        new(CommandErrors.InvalidParameters, $"cannot {command.Type}: {why}");
}
