using System.Runtime.InteropServices;

namespace Drover.Runtime.Processes.Shim;

/// <summary>
/// The last step towards a program whose address space is limited. From the limit on the runtime cannot map what it
/// needs for the first call of anything, and would abort: so everything that is called behind the limit has been called
/// before it, to no effect, and nothing there allocates. Source: setrlimit(2), execve(2).
/// </summary>
internal static unsafe class NarrowExec
{
    /// <summary>Begins what the shim answers when the program could not be executed: then the error, four
    /// digits.</summary>
    internal const byte ErrorMark = (byte)'E';

    private const int Digits = 4;
    private const int Kill = 9;

    /// <summary>The error in such an answer; null when it is none.</summary>
    internal static int? ErrorOf(ReadOnlySpan<byte> answer)
    {
        if (answer.Length != Digits + 1 || answer[0] != ErrorMark)
        {
            return null;
        }

        var error = 0;
        foreach (var digit in answer[1..])
        {
            error = (error * 10) + digit - '0';
        }

        return error;
    }

    /// <summary>Does not come back, but where the limit is refused: with the error.</summary>
    /// <param name="path">Of the program, ends with a zero.</param>
    /// <param name="arguments">As execve takes them.</param>
    /// <param name="environment">As execve takes it.</param>
    /// <param name="limit">Soft and hard; the kernel lets it be lowered.</param>
    /// <param name="answer">Where a failure is told.</param>
    internal static int Execute(
        byte* path, byte** arguments, byte** environment, ShimLimit limit, int answer)
    {
        var own = Environment.ProcessId;
        var nothing = stackalloc byte[1];
        var word = stackalloc byte[Digits + 1];
        var pair = stackalloc ulong[2];
        nothing[0] = 0;
        _ = NativeUser.GetLimit(limit.Number, pair);
        _ = NativeUser.SetLimit(limit.Number, pair);
        _ = NativeUser.ExecuteFile(nothing, arguments, environment);
        _ = Marshal.GetLastPInvokeError();
        _ = NativeUser.Write(answer, word, 0);
        _ = NativeUser.Signal(own, 0);

        pair[0] = limit.Soft;
        pair[1] = limit.Hard;
        if (NativeUser.SetLimit(limit.Number, pair) != 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        _ = NativeUser.ExecuteFile(path, arguments, environment);
        var error = Marshal.GetLastPInvokeError();
        word[0] = ErrorMark;
        for (var at = Digits; at > 0; at--)
        {
            word[at] = (byte)('0' + (error % 10));
            error /= 10;
        }

        _ = NativeUser.Write(answer, word, Digits + 1);
        _ = NativeUser.Signal(own, Kill);
        return 0;
    }
}
