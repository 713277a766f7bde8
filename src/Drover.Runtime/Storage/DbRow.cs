using System.Data.Common;

namespace Drover.Runtime.Storage;

/// <summary>One row of a query, read by column name. Times are stored as Unix milliseconds.</summary>
public readonly struct DbRow
{
    private readonly DbDataReader _reader;

    internal DbRow(DbDataReader reader) => _reader = reader;

    /// <summary>A text that is never null.</summary>
    public string Text(string column) => _reader.GetString(_reader.GetOrdinal(column));

    /// <summary>A text or null.</summary>
    public string? TextOrNull(string column)
    {
        var ordinal = _reader.GetOrdinal(column);
        return _reader.IsDBNull(ordinal) ? null : _reader.GetString(ordinal);
    }

    /// <summary>A number that is never null.</summary>
    public long Number(string column) => _reader.GetInt64(_reader.GetOrdinal(column));

    /// <summary>A number or null.</summary>
    public long? NumberOrNull(string column)
    {
        var ordinal = _reader.GetOrdinal(column);
        return _reader.IsDBNull(ordinal) ? null : _reader.GetInt64(ordinal);
    }

    /// <summary>A time that is never null.</summary>
    public DateTimeOffset Time(string column) => DateTimeOffset.FromUnixTimeMilliseconds(Number(column));

    /// <summary>A time or null.</summary>
    public DateTimeOffset? TimeOrNull(string column) =>
        NumberOrNull(column) is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
}
