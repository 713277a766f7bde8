using Drover.Core.Fleet;
using FsCheck;
using FsCheck.Fluent;

namespace Drover.Core.Tests.Fleet;

public sealed class RunSequenceTests
{
    private RunSequence _sequence = RunSequence.Empty;
    private TimeSpan _now;

    [Fact]
    public void Rising_numbers_of_one_run_are_accepted_with_or_without_gaps()
    {
        Assert.Equal(SequenceVerdict.NewRun, Hear(100, 1));
        Assert.Equal(SequenceVerdict.Accepted, Hear(100, 2));
        Assert.Equal(SequenceVerdict.Accepted, Hear(100, 7));
        Assert.Equal((100, 7), (_sequence.Run, _sequence.Seq));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    [InlineData(-1)]
    public void A_number_heard_before_is_a_replay_without_effect(long seq)
    {
        Hear(100, 5);
        var before = _sequence;
        Assert.Equal(SequenceVerdict.Replayed, Hear(100, seq));
        Assert.Equal(before, _sequence);
    }

    [Fact]
    public void A_larger_run_wins_whatever_its_numbers_are()
    {
        Hear(100, 500);
        Assert.Equal(SequenceVerdict.NewRun, Hear(101, 1));
        Assert.Equal(SequenceVerdict.Accepted, Hear(101, 2));
    }

    [Fact]
    public void One_message_of_the_replaced_process_on_its_way_is_no_clone()
    {
        Hear(100, 5);
        Hear(101, 1);
        Assert.Equal(SequenceVerdict.OldRun, Hear(100, 6));
        Assert.Equal(SequenceVerdict.OldRun, Hear(100, 7));
        Assert.Equal(SequenceVerdict.Accepted, Hear(101, 2));
        Assert.Equal(SequenceVerdict.Accepted, Hear(101, 3));
    }

    [Fact]
    public void Two_runs_that_take_turns_are_a_cloned_host_and_are_reported_once()
    {
        Hear(100, 5);
        Hear(200, 1);
        Assert.Equal(SequenceVerdict.OldRun, Hear(100, 6));
        Assert.Equal(SequenceVerdict.Accepted, Hear(200, 2));
        Assert.Equal(SequenceVerdict.CloneDetected, Hear(100, 7));
        Assert.Equal(100, _sequence.RivalRun);

        for (var turn = 3; turn < 20; turn++)
        {
            Assert.Equal(SequenceVerdict.Accepted, Hear(200, turn));
            Assert.Equal(SequenceVerdict.OldRun, Hear(100, 5 + turn));
        }
    }

    [Fact]
    public void Replayed_messages_of_an_older_run_never_look_like_a_clone()
    {
        Hear(100, 5);
        Hear(200, 1);
        for (var turn = 2; turn < 20; turn++)
        {
            Assert.Equal(SequenceVerdict.Replayed, Hear(100, 5));
            Assert.Equal(SequenceVerdict.Replayed, Hear(100, 4));
            Assert.Equal(SequenceVerdict.Accepted, Hear(200, turn));
        }
    }

    [Fact]
    public void An_older_run_is_believed_again_once_the_larger_has_been_silent_longer_than_any_stamp_lives()
    {
        Hear(100, 5);
        Hear(200, 1);
        _now += RunSequence.SilenceBeforeOlderRun;
        Assert.Equal(SequenceVerdict.OldRun, Hear(100, 6));

        _now += TimeSpan.FromSeconds(1);
        Assert.Equal(SequenceVerdict.NewRun, Hear(100, 7));
        Assert.Equal(SequenceVerdict.Accepted, Hear(100, 8));
        Assert.Equal(SequenceVerdict.NewRun, Hear(200, 2));
    }

    [Fact]
    public void Within_the_silence_limit_the_accepted_position_never_goes_back() =>
        Prop.ForAll(
            Gen.Zip(Gen.Choose(1, 4), Gen.Choose(-1, 6)).ListOf().ToArbitrary(),
            messages =>
            {
                var sequence = RunSequence.Empty;
                foreach (var (run, seq) in messages)
                {
                    var judged = sequence.Judge(run, seq, TimeSpan.Zero);
                    var (before, after) = ((sequence.Run, sequence.Seq), (judged.Next.Run, judged.Next.Seq));
                    if (judged.TakesEffect ? after.CompareTo(before) <= 0 || after != (run, seq) : after != before)
                    {
                        return false;
                    }

                    sequence = judged.Next;
                }

                return true;
            }).QuickCheckThrowOnFailure();

    private SequenceVerdict Hear(long run, long seq)
    {
        var judged = _sequence.Judge(run, seq, _now);
        _sequence = judged.Next;
        return judged.Verdict;
    }
}
