using System.Runtime.InteropServices;
using Drover.Runtime.Processes.Native;

namespace Drover.Runtime.Processes;

/// <summary>
/// Turns the one number that a failed start leaves into what is wrong: the directory, the log file, the program, its
/// interpreter or its loader. Looks only after the failure, so that a start that succeeds pays nothing.
/// </summary>
internal static class LaunchDiagnosis
{
    private const int NotPermitted = 1;
    private const int NoEntry = 2;
    private const int TooBig = 7;
    private const int NoExecFormat = 8;
    private const int TryAgain = 11;
    private const int NoMemory = 12;
    private const int AccessDenied = 13;
    private const int NotADirectory = 20;
    private const int TooManyFilesInSystem = 23;
    private const int TooManyFiles = 24;
    private const int TextBusy = 26;

    internal static LaunchOutcome.Failed Explain(int error, LaunchSpec spec, string path)
    {
        var why = OfDirectory(spec.WorkingDirectory) ?? OfOutput(spec.OutputPath);
        if (why is not null)
        {
            return new LaunchOutcome.Failed(spec.Executable, why);
        }

        var (sentence, isLoader) = OfProgram(error, path);
        return new LaunchOutcome.Failed(spec.Executable, sentence, isLoader);
    }

    internal static string? OfDirectory(string directory) =>
        !Directory.Exists(directory)
            ? File.Exists(directory)
                ? $"its working directory \"{directory}\" is a file"
                : $"there is no working directory \"{directory}\""
            : NativeFiles.CanExecute(directory)
                ? null
                : $"this user may not enter its working directory \"{directory}\"";

    internal static (string Why, bool IsLoader) OfProgram(int error, string path) => error switch
    {
        NoEntry => OfMissing(path),
        AccessDenied => (OfDenied(path), false),
        NoExecFormat => (OfFormat(path), false),
        NotADirectory => ($"a part of the path \"{path}\" is not a directory", false),
        TooBig => ("its arguments and environment are longer than the kernel takes", false),
        TextBusy => ($"\"{path}\" is being written by another process", false),
        TryAgain => ("the limit on processes is reached, of this user or of a control group", false),
        NoMemory => ("there is not enough memory for another process", false),
        TooManyFiles or TooManyFilesInSystem => ("the limit on open files is reached", false),
        NotPermitted => ($"the system does not permit to execute \"{path}\"", false),
        _ => ($"\"{path}\": {SystemText(error)}", false),
    };

    /// <summary>The C library's words, as they stand within a sentence.</summary>
    internal static string SystemText(int error)
    {
        var text = Marshal.GetPInvokeErrorMessage(error);
        return text.Length > 1 && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;
    }

    private static string? OfOutput(string? output) =>
        output is not null && NativeFiles.TryOpen(output, SpawnCall.OutputFlags, SpawnCall.OutputMode) is var error
            and not 0
            ? $"its log file \"{output}\" cannot be opened: {SystemText(error)}"
            : null;

    private static (string Why, bool IsLoader) OfMissing(string path)
    {
        if (!File.Exists(path))
        {
            return ($"there is no file \"{path}\"", false);
        }

        return ProgramFile.TryRead(path) switch
        {
            ProgramFile.Script { Interpreter: var interpreter } =>
                ($"the interpreter \"{interpreter}\" that the script \"{path}\" names does not exist", false),
            ProgramFile.Elf { Loader: { } loader } =>
                ($"the loader \"{loader}\" that \"{path}\" was built for does not exist", true),
            _ => ($"something that \"{path}\" needs does not exist", true),
        };
    }

    private static string OfDenied(string path)
    {
        if (Directory.Exists(path))
        {
            return $"\"{path}\" is a directory";
        }

        var parent = Path.GetDirectoryName(path);
        if (!File.Exists(path))
        {
            return $"this user may not look into \"{parent}\"";
        }

        if (!NativeFiles.CanExecute(path))
        {
            return $"\"{path}\" is not executable; make it so with chmod +x";
        }

        return ProgramFile.TryRead(path) is ProgramFile.Script { Interpreter: var interpreter }
            && !NativeFiles.CanExecute(interpreter)
                ? $"the interpreter \"{interpreter}\" that the script \"{path}\" names is not executable"
                : $"\"{path}\" may not be executed: its file system is mounted with noexec, or a policy forbids it";
    }

    private static string OfFormat(string path)
    {
        var present = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? "aarch64" : "x86-64";
        return ProgramFile.TryRead(path) switch
        {
            ProgramFile.Elf { Machine: var machine } when machine != present =>
                $"\"{path}\" is a program for {machine} and this machine is {present}",
            ProgramFile.Other { IsEmpty: true } => $"\"{path}\" is empty",
            _ => $"\"{path}\" is neither a program for this machine nor a script that begins with #!",
        };
    }
}
