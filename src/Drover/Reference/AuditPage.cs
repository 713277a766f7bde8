using System.Text;
using Drover.Core.Audit;

namespace Drover.Reference;

/// <summary>docs/reference/audit.md, from the closed sets of the audit.</summary>
internal static class AuditPage
{
    private const string Introduction = """
        Every write by a person, a tool with a token or a host agent leaves one entry, in the same transaction as the
        write; a refused write leaves one too. Reads leave none, nor does what a host agent tells of itself (heartbeats,
        inventory, its events). Entries are never changed and never pruned, and each is linked to the one before by its
        hash.

        `drover audit list` and `GET /api/v1/audit` show them to admins (filters `actor`, `action`, `since`; cursor
        `after`). `drover audit verify` checks the chain and prints its head. Note the head elsewhere and give it back
        with `--expect HEAD`: only that shows that entries at the end were cut off or the whole chain was written anew.

        """;

    public static string Write()
    {
        var page = new StringBuilder();
        page.Append("# Audit\n\n").Append(ReferencePages.Generated).Append("\n\n");
        page.Append(Introduction).Append('\n');
        page.Append("## Actions\n\n| action | meaning | target |\n|---|---|---|\n");
        foreach (var action in AuditActions.All)
        {
            page.Append("| `").Append(action.Name).Append("` | ")
                .Append(ReferencePages.Escape(action.Meaning)).Append(" | ")
                .Append(ReferencePages.Escape(action.Target)).Append(" |\n");
        }

        Write(page, "Actors", "kind", AuditActorKinds.All);
        Write(page, "Outcomes", "outcome", AuditOutcomes.All);
        return page.ToString();
    }

    private static void Write(
        StringBuilder page, string title, string head, IReadOnlyList<(string Name, string Meaning)> rows)
    {
        page.Append("\n## ").Append(title).Append("\n\n| ").Append(head).Append(" | meaning |\n|---|---|\n");
        foreach (var (name, meaning) in rows)
        {
            page.Append("| `").Append(name).Append("` | ").Append(ReferencePages.Escape(meaning)).Append(" |\n");
        }
    }
}
