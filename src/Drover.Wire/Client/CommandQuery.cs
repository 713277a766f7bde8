namespace Drover.Wire.Client;

/// <summary>Which commands a list shows, newest first.</summary>
/// <param name="State">One of <see cref="Commands.CommandStates"/>; null is all.</param>
/// <param name="Host">Id or name of a host; null is all.</param>
/// <param name="Limit">Most in the page.</param>
/// <param name="After">Where the page begins; null at the newest.</param>
public sealed record CommandQuery(string? State = null, string? Host = null, int? Limit = null, string? After = null);

/// <summary>Which events a list or stream shows, oldest first.</summary>
/// <param name="Types">Names or families (<c>container.*</c>); null or empty is all.</param>
/// <param name="Host">Id or name of a host; null is all.</param>
/// <param name="Severity">
/// Least severity is not meant: one of <c>info</c>, <c>warning</c>, <c>error</c>; null is all.
/// </param>
/// <param name="After">Id after which to begin; null is the newest page, or from now on.</param>
/// <param name="Limit">Most in a page.</param>
public sealed record EventQuery(
    IReadOnlyList<string>? Types = null,
    string? Host = null,
    string? Severity = null,
    string? After = null,
    int? Limit = null);

/// <summary>Which log to follow and from where.</summary>
/// <param name="App">App code.</param>
/// <param name="Host">Id or name of a host, where the app code alone does not tell.</param>
/// <param name="Container">Name or id of a container, where the app code alone does not tell.</param>
/// <param name="Since">RFC 3339 time to begin at.</param>
/// <param name="Tail">Lines to begin with.</param>
/// <param name="Streams"><c>stdout</c>, <c>stderr</c>; null is both.</param>
/// <param name="Cursor">Cursor to go on after; wins over the others.</param>
public sealed record LogQuery(
    string App,
    string? Host = null,
    string? Container = null,
    string? Since = null,
    int? Tail = null,
    IReadOnlyList<string>? Streams = null,
    string? Cursor = null);
