using System.Reflection;
using Drover.Core.Events;

namespace Drover.Core.Tests.Events;

public sealed class EventTypesTests
{
    [Fact]
    public void The_set_is_closed_every_field_is_in_it_once()
    {
        var fields = typeof(EventTypes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(EventType))
            .Select(field => (EventType)field.GetValue(null)!);
        Assert.Equal(fields.OrderBy(type => type.Name), EventTypes.All.OrderBy(type => type.Name));
        Assert.Equal(EventTypes.All.Count, EventTypes.All.Select(type => type.Name).Distinct().Count());
    }

    [Fact]
    public void Every_type_is_found_by_its_name_and_nothing_else_is()
    {
        Assert.All(EventTypes.All, type => Assert.Same(type, EventTypes.Find(type.Name)));
        Assert.Null(EventTypes.Find("host.LIVE"));
        Assert.Null(EventTypes.Find(""));
    }

    [Fact]
    public void Names_are_dotted_snake_case_and_meanings_are_sentences() =>
        Assert.All(EventTypes.All, type =>
        {
            Assert.Matches("^[a-z]+\\.[a-z]+(_[a-z]+)*$", type.Name);
            Assert.Matches("^[A-Z].*\\.$", type.Meaning);
            Assert.Matches("^([a-z]+(_[a-z]+)*(, [a-z]+(_[a-z]+)*)*)?$", type.DataFields);
            Assert.Equal(type.Name, type.ToString());
        });
}
