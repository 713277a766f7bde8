using System.Globalization;

namespace Drover.Server.Features.Description;

/// <summary>Parameters as several routes have them.</summary>
internal static class Parameters
{
    public const string NextPage = "`next` of the page before; absent: the first page.";

    public static readonly ApiParameter LastEventId =
        new("Last-Event-ID", "Id of the last event that was seen; wins over the query.") { IsHeader = true };

    public static ApiParameter Text(string name, string meaning) => new(name, meaning);

    /// <summary>The size of a page.</summary>
    public static ApiParameter Number(string name, int most, int absent) =>
        new(name, string.Create(CultureInfo.InvariantCulture, $"Most items in the page; absent: {absent}."))
        {
            Range = (1, most),
        };

    public static ApiParameter OneOf(string name, string meaning, IReadOnlyList<string> values) =>
        new(name, meaning) { Values = values };

    /// <summary>Several values; of an open set the known ones stand in the meaning.</summary>
    public static ApiParameter Texts(
        string name, string meaning, IReadOnlyList<string>? values = null, bool isOpen = false) =>
        new(name, isOpen ? $"{meaning} Of: {string.Join(", ", values!)}." : meaning)
        {
            IsList = true,
            Values = isOpen ? null : values,
        };
}
