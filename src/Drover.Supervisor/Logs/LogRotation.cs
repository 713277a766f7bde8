using Drover.Runtime.Files;
using Microsoft.Win32.SafeHandles;

namespace Drover.Supervisor.Logs;

/// <summary>
/// Makes the front of a live file an archive while the component writes on. Each step is durable before the next
/// begins, and each may be the last: <see cref="Resume"/> goes on from where a kill or a power cut left it.
/// </summary>
/// <remarks>
/// Copied (a file of its own) - Named (it is an archive) - Recorded (its bytes count as archived) - Marked and
/// Announced (<see cref="RotationMark"/>; only where the front is taken out) - Removed. A hole needs no mark: making
/// it twice changes nothing.
/// </remarks>
internal sealed class LogRotation(LogDirectory directory, FrontRemoval removal, Action<RotationStep> reached)
{
    private const int CopyBytes = 64 << 10;

    /// <summary>How the front is given back.</summary>
    public FrontRemoval Removal { get; } = removal;

    /// <summary>Makes the bytes from <see cref="LogState.Start"/> to <paramref name="cut"/> an archive.</summary>
    /// <param name="name">Component.</param>
    /// <param name="state">Where its bytes are.</param>
    /// <param name="live">Its live file.</param>
    /// <param name="cut">The archive ends before it; a multiple of the alignment from the base.</param>
    /// <param name="times">Now, and when the last of the bytes was written.</param>
    /// <returns>Where its bytes are now; the same is on disk.</returns>
    /// <exception cref="IOException">The world refused; no byte is lost, <see cref="Resume"/> goes on.</exception>
    public LogState Rotate(
        string name, LogState state, SafeFileHandle live, long cut, (DateTimeOffset Now, DateTimeOffset Written) times)
    {
        var unfinished = directory.UnfinishedArchiveOf(name);
        try
        {
            File.Delete(unfinished);
            Copy(live, state.Start - state.Base, cut - state.Start, unfinished);
            File.SetLastWriteTimeUtc(unfinished, times.Written.UtcDateTime);
            reached(RotationStep.Copied);
            AtomicFile.Move(unfinished, directory.ArchiveOf(name, times.Now, state.Start));
        }
        catch (IOException)
        {
            // Half a copy on a full disk is room that the component needs.
            File.Delete(unfinished);
            throw;
        }

        reached(RotationStep.Named);
        return Resume(name, state, live);
    }

    /// <summary>
    /// Gives the bytes from <see cref="LogState.Start"/> to <paramref name="cut"/> back without an archive: for those
    /// that are so many behind that their archive would be deleted as soon as it was made.
    /// </summary>
    public LogState Discard(string name, LogState state, SafeFileHandle live, long cut)
    {
        state = Record(name, state with { Start = cut });
        reached(RotationStep.Recorded);
        return Resume(name, state, live);
    }

    /// <summary>Brings to an end what was begun; nothing, where nothing was.</summary>
    public LogState Resume(string name, LogState state, SafeFileHandle live)
    {
        foreach (var archive in directory.ArchivesOf(name))
        {
            if (archive.From == state.Start && archive.To > state.Start)
            {
                state = Record(name, state with { Start = archive.To });
                reached(RotationStep.Recorded);
            }
        }

        if (state.Mark is { } mark && !mark.IsAt(live))
        {
            state = Record(name, state with { Base = state.Base + mark.Shift, Mark = null });
        }

        return state.Start > state.Base ? GiveBack(name, state, live) : state;
    }

    private LogState GiveBack(string name, LogState state, SafeFileHandle live)
    {
        var length = state.Start - state.Base;
        if (Removal.Kind is RemovalKind.Collapse && length % Removal.Alignment == 0)
        {
            state = Announce(name, state, live, length);
            if (GrowingFile.Collapse(live, state.Mark!.Shift) is SpaceOutcome.Done)
            {
                reached(RotationStep.Removed);
                return Record(name, state with { Base = state.Base + state.Mark.Shift, Mark = null });
            }

            // This one file cannot (it has been shortened to the front alone, say): a hole does as well.
            state = Record(name, state with { Mark = null });
        }

        if (Removal.Kind is not RemovalKind.None && GrowingFile.FirstData(live) < length)
        {
            GrowingFile.Punch(live, length);
            reached(RotationStep.Removed);
        }

        return state;
    }

    private LogState Announce(string name, LogState state, SafeFileHandle live, long length)
    {
        if (state.Mark is not null)
        {
            return state;
        }

        var mark = RotationMark.New(Path.GetFileName(directory.LiveOf(name)) + ".*", length);
        mark.Put(live);
        reached(RotationStep.Marked);
        state = Record(name, state with { Mark = mark });
        reached(RotationStep.Announced);
        return state;
    }

    private LogState Record(string name, LogState state)
    {
        state.Write(directory.StateOf(name));
        return state;
    }

    private static void Copy(SafeFileHandle live, long from, long length, string to)
    {
        using var archive = GrowingFile.OpenOrCreate(to, LogDirectory.FileMode);
        var buffer = new byte[CopyBytes];
        for (var copied = 0L; copied < length;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - copied));
            var read = RandomAccess.Read(live, part, from + copied);
            if (read is 0)
            {
                throw new IOException("cannot rotate the log: somebody else shortened it meanwhile");
            }

            RandomAccess.Write(archive, part[..read], copied);
            copied += read;
        }

        RandomAccess.FlushToDisk(archive);
    }
}

/// <summary>What has just been done of a rotation.</summary>
internal enum RotationStep
{
    /// <summary>The copy is whole and durable, under a name nobody reads.</summary>
    Copied,

    /// <summary>It is an archive.</summary>
    Named,

    /// <summary>The state counts its bytes as archived.</summary>
    Recorded,

    /// <summary>The mark stands over the front.</summary>
    Marked,

    /// <summary>The state says so.</summary>
    Announced,

    /// <summary>The front is gone.</summary>
    Removed,
}
