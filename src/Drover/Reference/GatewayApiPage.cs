using System.Text;
using Drover.Gateway.Admin;

namespace Drover.Reference;

/// <summary>docs/reference/gateway-api.md, from the table of what can be asked of the admin listener.</summary>
internal static class GatewayApiPage
{
    private const string Introduction = """
        The admin listener of a gateway (`gateway.admin`, 127.0.0.1:9090 unless said) answers operators, and agents that register
        hostnames. Every request shows a token, `Authorization: Bearer ...`; those that come over `gateway/admin.sock` in the data directory
        are known by their user instead. Bodies and answers are JSON in snake_case, lists `{items, next}`, refusals problems as in
        [errors.md](errors.md). An unknown parameter or field is refused by name.

        | method | path | who | what |
        |---|---|---|---|

        """;

    public static string Write()
    {
        var page = new StringBuilder();
        page.Append("# The gateway's admin API\n\n").Append(ReferencePages.Generated).Append("\n\n")
            .Append(Introduction);
        foreach (var route in AdminRouteSpecs.All)
        {
            page.Append("| ").Append(route.Method).Append(" | `").Append(route.Template).Append("` | ")
                .Append(route.IsForAgents ? "operators, agents" : "operators").Append(" | ")
                .Append(ReferencePages.Escape(route.Meaning)).Append(" |\n");
        }

        return page.ToString();
    }
}
