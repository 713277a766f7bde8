using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Drover.Runtime.Processes.Shim;

/// <summary>
/// Starts programs that need another user or other limits, which posix_spawn(3) cannot give: our own executable is
/// started first, changes what is to be changed and becomes the program. It stays the same process. What goes wrong on
/// the way comes back as a failed launch and never as an exit.
/// </summary>
public sealed class ExecShim
{
    /// <summary>The hidden verb of the executable.</summary>
    public static readonly IReadOnlyList<string> Verb = ["internal", "launch"];

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly string _executable;
    private readonly IReadOnlyList<string> _arguments;

    /// <param name="executable">
    /// A program that calls <see cref="LaunchShim.Run"/> when it is given the arguments.
    /// </param>
    /// <param name="arguments">The hidden verb.</param>
    public ExecShim(string executable, IReadOnlyList<string> arguments)
    {
        _executable = executable;
        _arguments = arguments;
    }

    /// <summary>The running executable, which answers to <see cref="Verb"/>.</summary>
    public static ExecShim OfThisProgram() =>
        new(
            Environment.ProcessPath ?? throw new InvalidOperationException("the path of this program is not known"),
            Verb);

    internal LaunchOutcome Launch(LaunchSpec spec, Func<SpawnPlan, LaunchOutcome> start)
    {
        using var request = NativeShim.MemoryFile(Serialize(spec));
        var (answer, question) = NativeShim.Pipe();
        using (answer)
        {
            LaunchOutcome outcome;
            using (question)
            {
                var held = false;
                try
                {
                    spec.Output?.DangerousAddRef(ref held);
                    outcome = start(Plan(spec, request, question));
                }
                finally
                {
                    if (held)
                    {
                        spec.Output!.DangerousRelease();
                    }
                }
            }

            return outcome is LaunchOutcome.Started started ? Listen(spec, started, answer) : outcome;
        }
    }

    private static byte[] Serialize(LaunchSpec spec) => JsonSerializer.SerializeToUtf8Bytes(
        new ShimRequest
        {
            Executable = spec.Executable,
            Arguments = spec.Arguments,
            Environment = [.. ProcessLauncher.Variables(spec)],
            Path = spec.Environment.GetValueOrDefault("PATH"),
            WorkingDirectory = spec.WorkingDirectory,
            User = spec.User,
            Limits = [.. (spec.Limits?.Set() ?? []).Select(entry => new ShimLimit(
                entry.Number, entry.Limit.Soft, entry.Limit.Hard))],
        },
        ShimJson.Default.ShimRequest);

    /// <summary>The pipe ends without a word when the program has taken the place of the shim.</summary>
    private static LaunchOutcome Listen(LaunchSpec spec, LaunchOutcome.Started started, SafeFileHandle answer)
    {
        var text = NativeShim.ReadToEnd(answer, Limit);
        if (text is { Length: 0 })
        {
            return started;
        }

        if (text is null)
        {
            started.Process.Signal(ProcessSignal.Kill);
        }

        started.Process.Dispose();
        if (NarrowExec.ErrorOf(text) is { } error)
        {
            var path = ExecutableSearch.Find(spec.Executable, spec.Environment, spec.WorkingDirectory, out _);
            var (why, isLoader) = LaunchDiagnosis.OfProgram(error, path ?? spec.Executable);
            return new LaunchOutcome.Failed(spec.Executable, why, isLoader);
        }

        var failure = text is null ? null : JsonSerializer.Deserialize(text, ShimJson.Default.ShimFailure);
        return new LaunchOutcome.Failed(
            spec.Executable,
            failure?.Why ?? $"its user and limits could not be changed within {Limit.TotalSeconds:0} s",
            failure?.IsLoader ?? false);
    }

    private SpawnPlan Plan(LaunchSpec spec, SafeFileHandle request, SafeFileHandle question) =>
        new(_executable, [_executable, .. _arguments], LaunchShim.OwnEnvironment)
        {
            OutputPath = spec.OutputPath,
            Output = (int)(spec.Output?.DangerousGetHandle() ?? -1),
            Handed = [(int)request.DangerousGetHandle(), (int)question.DangerousGetHandle()],
        };
}
