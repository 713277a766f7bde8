using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Drover.Runtime.Auth;
using Drover.Runtime.Processes.Native;
using Microsoft.Win32.SafeHandles;

namespace Drover.Runtime.Processes.Shim;

/// <summary>
/// The other side of <see cref="ExecShim"/>: runs in the new process, as the user who supervises, and becomes the
/// program. Limits come first, for only the old user may raise them; groups before the user, for only root may set
/// them; the directory and the program last, for it is the new user's rights that count.
/// </summary>
public static unsafe class LaunchShim
{
    private const int RequestDescriptor = 3;
    private const int AnswerDescriptor = 4;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;
    private const int SetMask = 2;
    private const int LastSignal = 64;
    private const int MostBytes = 16 * 1024 * 1024;
    private const int NotStarted = 127;
    private const string MostOpenFiles = "/proc/sys/fs/nr_open";

    /// <summary>The shim's own; the program gets what the request holds and nothing of this.</summary>
    internal static readonly IReadOnlyList<string> OwnEnvironment =
        ["DOTNET_EnableDiagnostics=0", "DOTNET_TieredPGO=0", "DOTNET_GCHeapCount=1"];

    /// <summary>Does not come back when all is well. What it answers otherwise is the exit code.</summary>
    public static int Run()
    {
        // Called by anyone but ExecShim, the descriptors are the runtime's own and must not be touched.
        if (!NativeShim.IsMemoryFile(RequestDescriptor))
        {
            return NotStarted;
        }

        using var answer = new SafeFileHandle(AnswerDescriptor, ownsHandle: true);
        ShimFailure failure;
        try
        {
            _ = NativeShim.Check(NativeShim.Control(answer, SetDescriptorFlags, CloseOnExec));
            failure = Become(ReadRequest());
        }
        catch (ShimException refused)
        {
            failure = new ShimFailure(refused.Message, IsLoader: false);
        }

        var text = JsonSerializer.SerializeToUtf8Bytes(failure, ShimJson.Default.ShimFailure);
        using var stream = new FileStream(answer, FileAccess.Write, bufferSize: 0);
        stream.Write(text);
        return NotStarted;
    }

    private static ShimRequest ReadRequest()
    {
        using var handle = new SafeFileHandle(RequestDescriptor, ownsHandle: true);
        var buffer = new byte[Math.Min(RandomAccess.GetLength(handle), MostBytes)];
        var length = RandomAccess.Read(handle, buffer, 0);
        return JsonSerializer.Deserialize(buffer.AsSpan(0, length), ShimJson.Default.ShimRequest)
            ?? throw new ShimException("nothing was asked for");
    }

    private static ShimFailure Become(ShimRequest request)
    {
        Limit(request.Limits);
        if (request.User is { } user)
        {
            ChangeUser(user);
        }

        if (LaunchDiagnosis.OfDirectory(request.WorkingDirectory) is { } odd)
        {
            return new ShimFailure(odd, IsLoader: false);
        }

        _ = NativeShim.Check(NativeUser.ChangeDirectory(request.WorkingDirectory));
        var variables = new Dictionary<string, string>();
        if (request.Path is { } own)
        {
            variables["PATH"] = own;
        }

        var path = ExecutableSearch.Find(request.Executable, variables, request.WorkingDirectory, out var missing);
        if (path is null)
        {
            return new ShimFailure(missing!, IsLoader: false);
        }

        var error = Execute(path, request);
        var (why, isLoader) = LaunchDiagnosis.OfProgram(error, path);
        return new ShimFailure(why, isLoader);
    }

    private static int Execute(string path, ShimRequest request)
    {
        // Ignored signals stay ignored in what is executed; the runtime ignores SIGPIPE.
        for (var signal = 1; signal <= LastSignal; signal++)
        {
            NativeSignals.StopIgnoring(signal);
        }

        var mask = stackalloc byte[NativeSpawn.SignalSetSize];
        _ = NativeSpawn.EmptySignalSet(mask);
        _ = NativeUser.SetSignalMask(SetMask, mask, null);
        using var arguments = new NativeStrings([request.Executable, .. request.Arguments]);
        using var environment = new NativeStrings(request.Environment);
        using var file = new NativeStrings([path]);
        if (request.Limits.FirstOrDefault(IsNarrow) is { } narrow)
        {
            var refused = NarrowExec.Execute(
                *file.Pointer, arguments.Pointer, environment.Pointer, narrow, AnswerDescriptor);
            throw Refused(refused, narrow);
        }

        _ = NativeUser.ExecuteFile(*file.Pointer, arguments.Pointer, environment.Pointer);
        return Marshal.GetLastPInvokeError();
    }

    /// <summary>It holds for this process too, which could not go on under it: set last of all.</summary>
    private static bool IsNarrow(ShimLimit limit) => limit.Number == ResourceLimits.AddressSpaceNumber;

    private static void Limit(IReadOnlyList<ShimLimit> limits)
    {
        var pair = stackalloc ulong[2];
        foreach (var limit in limits)
        {
            pair[0] = limit.Soft;
            pair[1] = limit.Hard;
            if (IsNarrow(limit) && !MustRaise(limit, pair))
            {
                continue;
            }

            if (NativeUser.SetLimit(limit.Number, pair) != 0)
            {
                throw Refused(Marshal.GetLastPInvokeError(), limit);
            }
        }
    }

    /// <summary>What is set last is only raised here, by who may; false when there is nothing to raise.</summary>
    private static bool MustRaise(ShimLimit limit, ulong* pair)
    {
        var isLower = NativeUser.GetLimit(limit.Number, pair) == 0 && pair[1] < limit.Hard;
        pair[1] = limit.Hard;
        return isLower;
    }

    private static ShimException Refused(int error, ShimLimit limit) => new(
        $"its limit \"{ResourceLimits.NameOf(limit.Number)}\" cannot be set to {limit.Soft}: {WhyNot(error, limit)}");

    /// <summary>Source: getrlimit(2), of EPERM.</summary>
    private static string WhyNot(int error, ShimLimit limit)
    {
        if (limit.Number == ResourceLimits.OpenFilesNumber
            && File.Exists(MostOpenFiles)
            && ulong.TryParse(File.ReadAllText(MostOpenFiles), CultureInfo.InvariantCulture, out var most)
            && limit.Hard > most)
        {
            return $"the kernel allows {most} at most; the sysctl fs.nr_open raises that";
        }

        var present = stackalloc ulong[2];
        return NativeUser.GetLimit(limit.Number, present) == 0 && limit.Hard > present[1]
            ? $"the supervisor's own hard limit is {present[1]}, which it may not raise; raise it where the supervisor "
                + "is started (ulimit -H, a unit's Limit...=), or ask for less"
            : LaunchDiagnosis.SystemText(error);
    }

    private static void ChangeUser(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (user, name, group) = FindUser(colon < 0 ? text : text[..colon]);
        group = colon < 0 ? group : FindGroup(text[(colon + 1)..]);
        if (user == CurrentUser.Id && group == NativeUser.PresentGroup())
        {
            return;
        }

        if (CurrentUser.Id != 0)
        {
            throw new ShimException(
                $"this supervisor is not root and cannot become the user \"{text}\"; run it as root or as that user");
        }

        _ = NativeShim.Check(
            name is null ? NativeUser.SetGroups(1, &group) : NativeUser.InitializeGroups(name, group));
        _ = NativeShim.Check(NativeUser.SetGroup(group));
        _ = NativeShim.Check(NativeUser.SetUser(user));
        if (user != 0 && NativeUser.SetUser(0) == 0)
        {
            throw new ShimException($"having become the user \"{text}\", it could become root again");
        }
    }

    private static (uint User, string? Name, uint Group) FindUser(string text)
    {
        if (NativeUser.ByName(text) is { } named)
        {
            return (named.User, text, named.Group);
        }

        if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            throw new ShimException($"there is no user \"{text}\"");
        }

        return NativeUser.ByNumber(number) is { } known
            ? (number, known.Name, known.Group)
            : (number, null, number);
    }

    private static uint FindGroup(string text) =>
        NativeUser.GroupByName(text)
        ?? (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ShimException($"there is no group \"{text}\""));
}
