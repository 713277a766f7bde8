using System.Text;
using Drover.Core.Audit;
using FsCheck;
using FsCheck.Fluent;

namespace Drover.Core.Tests.Audit;

/// <summary>The vectors were computed with Python's hashlib, not with the code they test.</summary>
public sealed class AuditChainTests
{
    private const string FirstHash = "29b3d2d442b2876298603445b22e912556766e2211c89c523d4c39296fc84bbb";
    private const string SecondHash = "c5a40d8098e1a504e887e21484a2a667669f5aecce928ebe724b9bb56d70a49f";

    private static readonly DateTimeOffset NewYear = DateTimeOffset.FromUnixTimeSeconds(1767225600);

    private static readonly AuditEntry First = AuditChain.Append(
        AuditHead.Empty,
        new AuditDraft(
            NewYear,
            new AuditActor(AuditActorKinds.Person, "root"),
            AuditActions.TokenCreate,
            "t-01",
            AuditOutcomes.Done,
            "role=admin"));

    private static readonly AuditEntry Second = AuditChain.Append(
        AuditHead.Of(First),
        new AuditDraft(
            NewYear.AddMilliseconds(1234),
            new AuditActor(AuditActorKinds.Token, "ci é"),
            AuditActions.HostRemove,
            "7c9e6679-7425-40de-944b-e07fc1f90ae7",
            AuditOutcomes.Denied));

    [Fact]
    public void Two_entries_have_the_hashes_that_another_implementation_computes()
    {
        Assert.Equal(
            "15:drover-audit-v1\n1:1\n13:1767225600000\n6:person\n4:root\n12:token.create\n4:t-01\n4:done\n"
            + "10:role=admin\n"
            + $"64:{AuditHead.Genesis}\n",
            Encoding.UTF8.GetString(AuditChain.CanonicalBytes(First)));
        Assert.Equal(FirstHash, First.Hash);
        Assert.Equal(SecondHash, Second.Hash);
    }

    [Fact]
    public void A_chain_as_it_was_written_is_intact_and_its_head_is_told()
    {
        Assert.Equal(new AuditVerdict.Intact(2, SecondHash), AuditChain.Verify([First, Second]));
        Assert.Equal(new AuditVerdict.Intact(2, SecondHash), AuditChain.Verify([First, Second], SecondHash));
        Assert.Equal(new AuditVerdict.Intact(0, AuditHead.Genesis), AuditChain.Verify([]));
    }

    [Fact]
    public void A_head_that_was_noted_before_the_chain_grew_still_holds()
    {
        Assert.IsType<AuditVerdict.Intact>(AuditChain.Verify([First, Second], FirstHash));
        Assert.IsType<AuditVerdict.Intact>(AuditChain.Verify([First, Second], AuditHead.Genesis));
    }

    [Fact]
    public void Any_chain_is_intact_whatever_its_texts() => Prop.ForAll(
        Chains(),
        chain => AuditChain.Verify(chain) == new AuditVerdict.Intact(chain.Count, chain[^1].Hash))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Any_change_of_any_field_is_found_at_that_entry() => Prop.ForAll(
        Chains(), Any(), Any(), (chain, at, how) =>
    {
        var index = at % chain.Count;
        var changed = Changes[how % Changes.Length](chain[index]);
        return IsBrokenAt(index + 1, [.. chain.Take(index), changed, .. chain.Skip(index + 1)]);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_change_whose_hash_was_computed_anew_is_found_at_the_next_entry_or_by_the_noted_head() =>
        Prop.ForAll(Chains(), Any(), (chain, at) =>
        {
            var index = at % chain.Count;
            var changed = chain[index] with { Actor = chain[index].Actor + "x" };
            changed = changed with { Hash = AuditChain.HashOf(changed) };
            AuditEntry[] tampered = [.. chain.Take(index), changed, .. chain.Skip(index + 1)];
            return index + 1 < chain.Count
                ? IsBrokenAt(index + 2, tampered)
                : AuditChain.Verify(tampered, chain[^1].Hash) is AuditVerdict.Broken;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_removal_but_at_the_end_is_found_where_the_gap_is() => Prop.ForAll(Chains(), Any(), (chain, at) =>
    {
        var index = at % (chain.Count - 1);
        return IsBrokenAt(index + 1, [.. chain.Take(index), .. chain.Skip(index + 1)]);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_insertion_is_found_at_or_behind_it() => Prop.ForAll(Chains(), Any(), (chain, at) =>
    {
        // The forger does what he can: the right link and a right hash, in any place but the end.
        var index = at % chain.Count;
        var head = index == 0 ? AuditHead.Empty : AuditHead.Of(chain[index - 1]);
        var forged = AuditChain.Append(head, Draft("mallory", "forged"));
        return IsBrokenAt(index + 2, [.. chain.Take(index), forged, .. chain.Skip(index)]);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_swap_is_found_at_the_earlier_place() => Prop.ForAll(Chains(), Any(), Any(), (chain, one, other) =>
    {
        int[] places = [one % chain.Count, other % chain.Count];
        var (low, high) = (places.Min(), places.Max());
        if (low == high)
        {
            return true;
        }

        var swapped = chain.ToArray();
        (swapped[low], swapped[high]) = (swapped[high], swapped[low]);
        return IsBrokenAt(low + 1, swapped);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_is_cut_off_at_the_end_is_found_against_a_noted_head() => Prop.ForAll(
        Chains(), Any(), (chain, at) =>
    {
        var kept = at % chain.Count;
        var verdict = AuditChain.Verify(chain.Take(kept), chain[^1].Hash);
        return verdict is AuditVerdict.Broken broken && broken.Ordinal == kept + 1;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_whole_new_chain_is_found_against_a_noted_head()
    {
        var forged = AuditChain.Append(AuditHead.Empty, Draft("mallory", "t-01"));

        Assert.IsType<AuditVerdict.Intact>(AuditChain.Verify([forged]));
        Assert.IsType<AuditVerdict.Broken>(AuditChain.Verify([forged], FirstHash));
    }

    [Fact]
    public void What_stands_behind_the_first_wrong_entry_does_not_change_the_verdict()
    {
        var verifier = new AuditVerifier();
        Assert.True(verifier.Add(First));
        verifier.AddUnreadable("its time is none");
        Assert.False(verifier.Add(Second));

        Assert.Equal(new AuditVerdict.Broken(2, "its time is none"), verifier.Verdict);
    }

    [Fact]
    public void Fields_cannot_run_into_each_other()
    {
        var one = First with { Target = "a\n4:done", Detail = "b" };
        var other = First with { Target = "a", Detail = "4:done\nb" };

        Assert.NotEqual(AuditChain.HashOf(one), AuditChain.HashOf(other));
    }

    private static Func<AuditEntry, AuditEntry>[] Changes { get; } =
    [
        entry => entry with { Ordinal = entry.Ordinal + 1 },
        entry => entry with { Time = entry.Time.AddMilliseconds(1) },
        entry => entry with { ActorKind = entry.ActorKind + "s" },
        entry => entry with { Actor = entry.Actor + " " },
        entry => entry with { Action = entry.Action.ToUpperInvariant() },
        entry => entry with { Target = entry.Target.Length > 0 ? entry.Target[1..] : "x" },
        entry => entry with { Outcome = entry.Outcome + "?" },
        entry => entry with { Detail = entry.Detail + "x" },
        entry => entry with { PreviousHash = Turned(entry.PreviousHash) },
        entry => entry with { Hash = Turned(entry.Hash) },
    ];

    private static string Turned(string hash) => (hash[0] == 'f' ? '0' : 'f') + hash[1..];

    private static bool IsBrokenAt(long ordinal, IEnumerable<AuditEntry> entries) =>
        AuditChain.Verify(entries) is AuditVerdict.Broken broken && broken.Ordinal == ordinal;

    private static AuditDraft Draft(string actor, string target, string detail = "") => new(
        NewYear,
        AuditActor.Stranger(actor),
        AuditActions.All[target.Length % AuditActions.All.Count],
        target,
        AuditOutcomes.Denied,
        detail);

    private static Arbitrary<int> Any() => Gen.Choose(0, 1_000_000).ToArbitrary();

    /// <summary>Chains of 2 to 12 entries with texts of any kind: empty, long, with broken surrogates.</summary>
    private static Arbitrary<List<AuditEntry>> Chains()
    {
        var text = Gen.OneOf(
            ArbMap.Default.GeneratorFor<string>().Select(one => one ?? string.Empty),
            Gen.Elements("", "a:b\n", "\ud800", "\udc00x", "\0", "12:é", new string('x', 5000), "root"));
        var drafts = from actor in text from target in text from detail in text select Draft(actor, target, detail);
        var chains = from count in Gen.Choose(2, 12)
                     from list in drafts.ListOf(count)
                     select list;
        return chains.Select(list =>
        {
            var chain = new List<AuditEntry>();
            foreach (var draft in list)
            {
                chain.Add(AuditChain.Append(chain.Count == 0 ? AuditHead.Empty : AuditHead.Of(chain[^1]), draft));
            }

            return chain;
        }).ToArbitrary();
    }
}
