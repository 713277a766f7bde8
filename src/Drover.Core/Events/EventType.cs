namespace Drover.Core.Events;

/// <summary>One type of the closed set in <see cref="EventTypes"/>, with what its reference page says.</summary>
/// <param name="Name">CloudEvents <c>type</c>, dotted, lower case: <c>container.died</c>.</param>
/// <param name="Severity">The severity an event of this type has unless its maker says otherwise.</param>
/// <param name="Meaning">One sentence for the generated reference.</param>
/// <param name="DataFields">Names of the fields its <c>data</c> may carry, comma separated.</param>
public sealed record EventType(string Name, EventSeverity Severity, string Meaning, string DataFields)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
