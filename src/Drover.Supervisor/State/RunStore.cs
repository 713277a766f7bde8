using System.Security.Cryptography;
using System.Text.Json;
using Drover.Runtime.Files;

namespace Drover.Supervisor.State;

/// <summary>
/// The file that tells a clean stop, a crash and a reboot apart, and that gives the data directory its id. Written
/// twice in a life, durably: at its start and at its orderly end.
/// </summary>
internal sealed class RunStore
{
    private const int IdBytes = 8;

    private readonly string _path;
    private RunRecord _run;

    private RunStore(string path, RunRecord run, PreviousEnd previous, bool isContinuation)
    {
        (_path, _run, Previous, IsContinuation) = (path, run, previous, isContinuation);
        Write();
    }

    internal PreviousEnd Previous { get; }

    /// <summary>
    /// True when components go on as they are, because the life before was cut short in the midst of its work.
    /// </summary>
    internal bool IsContinuation { get; }

    internal RunRecord Run => _run;

    /// <summary>Begins a life. The caller holds the lock of the data directory.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    internal static RunStore Begin(
        string path, string boot, int pid, DateTimeOffset now, string? configuration = null)
    {
        var before = Read(path);
        var run = new RunRecord
        {
            Id = before?.Id ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)),
            Boot = boot,
            Pid = pid,
            StartedAt = now,
            Configuration = configuration,
        };
        var (previous, isContinuation) = Judge(before, boot);
        return new RunStore(path, run, previous, isContinuation);
    }

    /// <summary>How the life before ended, and whether components go on as they are. Pure.</summary>
    internal static (PreviousEnd Previous, bool IsContinuation) Judge(RunRecord? before, string boot)
    {
        var previous = before switch
        {
            null => PreviousEnd.First,
            { Clean: true } => PreviousEnd.Clean,
            _ when before.Boot != boot => PreviousEnd.Reboot,
            _ => PreviousEnd.Crash,
        };
        return (previous, previous is PreviousEnd.Crash && before?.Stopping is false);
    }

    /// <summary>The last life that was begun; null when there was none, or none that can be read.</summary>
    internal static RunRecord? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), StateJson.Default.RunRecord);
        }
        catch (Exception error) when (error is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The order to end has come.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    internal void BeginEnd()
    {
        _run = _run with { Stopping = true };
        Write();
    }

    /// <summary>The life ends in order.</summary>
    /// <exception cref="IOException">The file cannot be written: the next life will take this one for a crash, and
    /// find nothing running.</exception>
    internal void EndClean()
    {
        _run = _run with { Clean = true };
        Write();
    }

    private void Write() =>
        AtomicFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(_run, StateJson.Default.RunRecord));
}
