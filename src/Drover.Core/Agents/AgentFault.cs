using System.Globalization;

namespace Drover.Core.Agents;

/// <summary>Why an agent does not serve.</summary>
/// <param name="Code">One of <see cref="AgentReasons"/>.</param>
/// <param name="Message">One sentence for people.</param>
/// <param name="IsHopeless">True: to wait changes nothing.</param>
public sealed record AgentFault(string Code, string Message, bool IsHopeless = false)
{
    private const int MostLetters = 300;

    // Sentences of the Docker Engine and of registries.
    private static readonly string[] MissingImages =
        ["no such image", "manifest unknown", "pull access denied", "manifest for", "repository does not exist"];

    private static readonly string[] NeverRuns =
    [
        "executable file not found", "no such file or directory", "permission denied", "invalid mount config",
        "source path does not exist", "exec format error", "non-zero exit (127)", "non-zero exit (126)",
    ];

    /// <summary>What a task says that failed, ended or waits; null when there is nothing to say.</summary>
    public static AgentFault? Of(TaskObservation task)
    {
        ArgumentNullException.ThrowIfNull(task);
        var error = OneLine(task.Error);
        return task.Phase switch
        {
            TaskPhase.Pending when error is not null =>
                new AgentFault(AgentReasons.NoNode, $"no node can take its task: {error}"),
            TaskPhase.Failed when Says(error, MissingImages) =>
                new AgentFault(AgentReasons.ImageMissing, $"its image cannot be had: {error}", IsHopeless: true),
            TaskPhase.Failed => new AgentFault(
                AgentReasons.TaskFailed,
                $"its task failed: {error ?? Ending(task.ExitCode)}",
                IsHopeless: Says(error, NeverRuns)),
            TaskPhase.Ended when task.IsWanted =>
                new AgentFault(AgentReasons.TaskFailed, $"its task ended by itself: {Ending(task.ExitCode)}"),
            _ => null,
        };
    }

    private static string Ending(long? exitCode) => exitCode is { } code
        ? string.Create(CultureInfo.InvariantCulture, $"exit code {code}")
        : "nobody says why";

    private static bool Says(string? error, string[] words) =>
        error is not null && words.Any(word => error.Contains(word, StringComparison.OrdinalIgnoreCase));

    private static string? OneLine(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= MostLetters ? line : $"{line[..MostLetters]}...";
    }
}
