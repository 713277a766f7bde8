using System.Text;
using Drover.Core.Audit;

namespace Drover.Core.Tests.Audit;

public sealed class AuditTextTests
{
    private static readonly string Long = new('x', 5000);

    [Theory]
    [InlineData("web é 🐑", "web é 🐑")]
    [InlineData("two\nlines\0and\u001b[31m", "two\ufffdlines\ufffdand\ufffd[31m")]
    [InlineData("", "")]
    public void Control_characters_do_not_reach_a_database(string text, string clean) =>
        Assert.Equal(clean, AuditText.Clean(text, 100));

    [Fact]
    public void A_broken_surrogate_is_replaced() =>
        Assert.Equal("broken \ufffd surrogate", AuditText.Clean("broken \ud83d surrogate", 100));

    [Fact]
    public void A_long_text_is_cut_and_never_within_a_character()
    {
        var cut = AuditText.Clean(new string('x', 9) + "🐑", 10);

        Assert.Equal(10, cut.Length);
        Assert.Equal(cut, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(cut)));
    }

    [Fact]
    public void Pairs_leave_out_what_is_not_there_and_redact_what_a_person_wrote() =>
        Assert.Equal(
            "type=restart; reason=password=***",
            AuditText.Pairs(("type", "restart"), ("app", null), ("by", ""), ("reason", "password=hunter2")));

    [Fact]
    public void Pairs_are_bounded_however_long_their_values() =>
        Assert.InRange(
            AuditText.Pairs(("a", Long), ("b", Long), ("c", Long), ("d", Long)).Length,
            300,
            AuditText.LongestDetail);

    [Fact]
    public void Names_of_actions_kinds_and_outcomes_are_each_named_once()
    {
        Assert.Equal(AuditActions.All.Count, AuditActions.All.Select(action => action.Name).Distinct().Count());
        Assert.All(AuditActions.All, action => Assert.Matches("^[a-z_]+\\.[a-z_]+$", action.Name));
        Assert.All(AuditActions.All, action => Assert.EndsWith(".", action.Meaning, StringComparison.Ordinal));
    }
}
