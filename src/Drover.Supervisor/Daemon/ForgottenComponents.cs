using Drover.Core.Components;
using Drover.Runtime.Processes;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Daemon;

/// <summary>
/// Processes of components that are in the user's file no more: it was changed between the crash of a supervisor and
/// this start. What a reload would have stopped is stopped now; else it would run for ever with nobody to show it.
/// </summary>
internal sealed partial class ForgottenComponents(
    IProcessLauncher launcher, SupervisorPaths paths, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan KillPatience = TimeSpan.FromSeconds(5);

    /// <summary>Their names, from the marks that living processes carry.</summary>
    internal static ILookup<string, string> Of(IReadOnlyList<string> marks, IReadOnlySet<string> known) => marks
        .Select(mark => (Mark: mark, Parts: mark.Split('/')))
        .Where(one => one.Parts.Length == 3 && !known.Contains(one.Parts[1]))
        .ToLookup(one => one.Parts[1], one => one.Mark, StringComparer.Ordinal);

    /// <summary>Ends them: asked first, killed after the usual grace. Returns when nothing of them is left.</summary>
    internal Task EndAsync(ILookup<string, string> forgotten, CancellationToken cancellationToken) =>
        Task.WhenAll(forgotten.Select(one => EndAsync(one.Key, [.. one], cancellationToken)));

    private async Task EndAsync(string component, IReadOnlyList<string> marks, CancellationToken cancellationToken)
    {
        LogForgotten(logger, component);
        var record = StateStore.Peek(paths.StateOf(component), logger);
        var identity = record?.Instance?.Process;
        var adopted = identity is null ? null : launcher.Adopt(identity) as AdoptOutcome.Alive;
        if (adopted is not null)
        {
            using var process = adopted.Process;
            await AskAsync(process, cancellationToken);
        }

        foreach (var mark in marks)
        {
            while ((await launcher.KillRemainsAsync(
                adopted is null ? null : identity,
                mark,
                record?.Instance?.ControlGroup,
                KillPatience,
                cancellationToken)).Count > 0)
            {
                LogStuck(logger, component);
            }
        }

        File.Delete(paths.StateOf(component));
    }

    private async Task AskAsync(ISupervisedProcess process, CancellationToken cancellationToken)
    {
        _ = process.Signal(ProcessSignal.Terminate);
        var begin = time.GetTimestamp();
        while (process.AnythingLeft() && time.GetElapsedTime(begin) < StopPolicy.Default.Grace)
        {
            await Task.Delay(Look, time, cancellationToken);
        }
    }

    [LoggerMessage(
        4410,
        LogLevel.Warning,
        "component \"{Component}\" is in the file no more, and what a crashed supervisor left of it is ended")]
    private static partial void LogForgotten(ILogger logger, string component);

    [LoggerMessage(4411, LogLevel.Error, "what is left of component \"{Component}\" was killed and lives on")]
    private static partial void LogStuck(ILogger logger, string component);
}
