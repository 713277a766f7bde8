using Drover.Core.Trust;

namespace Drover.Core.Fleet;

/// <summary>
/// Follows one numbered stream of a host (its heartbeats, its inventory or its events): which run of the agent speaks,
/// and up to which number it was heard. A larger run wins; a number heard before is a replay; two runs that take turns
/// are two machines with one credentials file. Source: the project's wire page, "Sequence".
/// </summary>
/// <param name="Run">The run that is believed; 0 before the first message.</param>
/// <param name="Seq">The highest number accepted of that run.</param>
/// <param name="HeardAt">
/// When that was, on the server's monotonic clock; the server's start for a stored sequence.
/// </param>
public sealed record RunSequence(long Run, long Seq, TimeSpan HeardAt)
{
    /// <summary>
    /// When the believed run has been silent this long, an older one that still speaks is believed again (a clone was
    /// stopped, or a clock ran backwards). Twice the allowed skew: a message whose stamp still passes was then
    /// certainly made after the larger run fell silent, so that no replay can bring an old run back.
    /// </summary>
    public static readonly TimeSpan SilenceBeforeOlderRun = 2 * RequestSignature.AllowedSkew;

    // A process that was replaced may still have one message on its way; only a second turn proves a second machine.
    private const int TurnsOfAClone = 2;

    /// <summary>A stream nobody has spoken on yet.</summary>
    public static readonly RunSequence Empty = new(0, 0, TimeSpan.Zero);

    /// <summary>The older run last heard beside this one; 0 when there is none.</summary>
    public long RivalRun { get; private init; }

    private long RivalSeq { get; init; }

    private int RivalTurns { get; init; }

    private bool HeardSinceRival { get; init; } = true;

    /// <summary>Judges a message and returns the sequence after it. Gaps in the numbers are allowed.</summary>
    public SequenceJudgement Judge(long run, long seq, TimeSpan now)
    {
        if (run > Run)
        {
            return Believe(run, seq, now);
        }

        if (run < Run)
        {
            return now - HeardAt > SilenceBeforeOlderRun ? Believe(run, seq, now) : JudgeRival(run, seq);
        }

        return seq > Seq
            ? new(this with { Seq = seq, HeardAt = now, HeardSinceRival = true }, SequenceVerdict.Accepted)
            : new(this, SequenceVerdict.Replayed);
    }

    /// <summary>True for a run that another one is believed instead of. A larger one that was not heard yet is none: it
    /// will be believed with its first message.</summary>
    public bool HasReplaced(long run) => run < Run;

    /// <summary>Up to which number a run was heard, taken or not; 0 for one that is not known.</summary>
    public long HeardOf(long run) => run == Run ? Seq : run == RivalRun ? RivalSeq : 0;

    private SequenceJudgement Believe(long run, long seq, TimeSpan now) => new(
        new RunSequence(run, seq, now) { RivalRun = Run, RivalSeq = Seq },
        SequenceVerdict.NewRun);

    private SequenceJudgement JudgeRival(long run, long seq)
    {
        if (run == RivalRun && seq <= RivalSeq)
        {
            return new(this, SequenceVerdict.Replayed);
        }

        var turns = run != RivalRun ? 1 : HeardSinceRival ? RivalTurns + 1 : RivalTurns;
        var next = this with { RivalRun = run, RivalSeq = seq, RivalTurns = turns, HeardSinceRival = false };
        var isNews = turns == TurnsOfAClone && turns != RivalTurns;
        return new(next, isNews ? SequenceVerdict.CloneDetected : SequenceVerdict.OldRun);
    }
}

/// <summary>What <see cref="RunSequence.Judge"/> found.</summary>
/// <param name="Next">The sequence to keep from now on.</param>
/// <param name="Verdict">What to do with the message.</param>
public readonly record struct SequenceJudgement(RunSequence Next, SequenceVerdict Verdict)
{
    /// <summary>True when the message takes effect; otherwise it is only answered.</summary>
    public bool TakesEffect => Verdict is SequenceVerdict.Accepted or SequenceVerdict.NewRun;
}

/// <summary>The answers of a <see cref="RunSequence"/>.</summary>
public enum SequenceVerdict
{
    /// <summary>The next message of the believed run.</summary>
    Accepted,

    /// <summary>The first message of a run that is believed from now on.</summary>
    NewRun,

    /// <summary>Heard before: answer as then, without effect.</summary>
    Replayed,

    /// <summary>A run that was replaced: answer without effect.</summary>
    OldRun,

    /// <summary>
    /// As <see cref="OldRun"/>, and the proof that two machines use one credentials file. Given once a pair.
    /// </summary>
    CloneDetected,
}
