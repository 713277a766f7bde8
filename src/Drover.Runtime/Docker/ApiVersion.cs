using System.Globalization;

namespace Drover.Runtime.Docker;

/// <summary>Version of the Engine API, such as 1.41.</summary>
/// <param name="Major">Always 1 so far.</param>
/// <param name="Minor">Counted as a number: 1.9 is older than 1.41.</param>
public readonly record struct ApiVersion(int Major, int Minor) : IComparable<ApiVersion>
{
    /// <summary>Oldest version that has what this client needs (engine 1.12, the first with Swarm services).</summary>
    public static readonly ApiVersion Oldest = new(1, 24);

    /// <summary>Newest version this client was written against.</summary>
    public static readonly ApiVersion Newest = new(1, 47);

    public static bool operator <(ApiVersion left, ApiVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(ApiVersion left, ApiVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(ApiVersion left, ApiVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ApiVersion left, ApiVersion right) => left.CompareTo(right) >= 0;

    public static bool TryParse(string? text, out ApiVersion version)
    {
        version = default;
        if (text?.Split('.') is not [var major, var minor]
            || !int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var majorNumber)
            || !int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var minorNumber))
        {
            return false;
        }

        version = new(majorNumber, minorNumber);
        return true;
    }

    public int CompareTo(ApiVersion other) =>
        Major == other.Major ? Minor.CompareTo(other.Minor) : Major.CompareTo(other.Major);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
