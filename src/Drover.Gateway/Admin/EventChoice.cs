using Drover.Core.Events;
using Drover.Runtime.Events;
using Drover.Runtime.Requests;

namespace Drover.Gateway.Admin;

/// <summary>Which events a reader wants.</summary>
internal sealed class EventChoice
{
    private const string OfFamily = ".*";

    private readonly HashSet<EventType> _types;
    private readonly string? _agent;

    private EventChoice(HashSet<EventType> types, string? agent) => (_types, _agent) = (types, agent);

    /// <summary>Out of a query's <c>type</c> and <c>agent</c>.</summary>
    /// <exception cref="InvalidRequestException">There is no such type.</exception>
    public static EventChoice Of(QueryReader query)
    {
        var types = new HashSet<EventType>();
        foreach (var wanted in query.Texts("type"))
        {
            var family = wanted.EndsWith(OfFamily, StringComparison.Ordinal) ? wanted[..^1] : null;
            var found = EventTypes.All.Where(type => family is null
                ? type.Name == wanted
                : type.Name.StartsWith(family, StringComparison.Ordinal)).ToList();
            if (found.Count == 0)
            {
                throw new InvalidRequestException(
                    $"cannot read the query: there is no event type \"{wanted}\"; docs/reference/events.md lists them");
            }

            types.UnionWith(found);
        }

        return new EventChoice(types, query.Text("agent"));
    }

    /// <summary>True for an event that is wanted.</summary>
    public bool Takes(RoleEvent one) =>
        (_types.Count == 0 || _types.Contains(one.Type)) && (_agent is null || one.Subject == _agent);
}
