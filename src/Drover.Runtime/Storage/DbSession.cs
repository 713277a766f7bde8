using System.Data.Common;

namespace Drover.Runtime.Storage;

/// <summary>
/// One connection while one piece of work has it. Statements are prepared once and kept. Only plain SQL passes through
/// here, so that the same stores can later speak to another database. Not thread-safe: the work must not keep it.
/// </summary>
public sealed class DbSession
{
    private const int MaxStatements = 256;

    private readonly DbConnection _connection;
    private readonly Dictionary<string, DbCommand> _statements = new(StringComparer.Ordinal);
    private readonly List<Action> _afterCommit = [];
    private long _rowsChanged;

    internal DbSession(DbConnection connection) => _connection = connection;

    /// <summary>Runs a statement and says how many rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var changed = Bind(sql, parameters).ExecuteNonQuery();
        Interlocked.Add(ref _rowsChanged, Math.Max(0, changed));
        return changed;
    }

    /// <summary>Runs a statement that changes no row, such as the bounds of a transaction: for those SQLite repeats the
    /// number of the change before.</summary>
    internal void Steer(string sql) => Bind(sql, []).ExecuteNonQuery();

    /// <summary>The rows of a query, each turned into a value.</summary>
    public List<T> Query<T>(
        string sql, Func<DbRow, T> map, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var reader = Bind(sql, parameters).ExecuteReader();
        var rows = new List<T>();
        var row = new DbRow(reader);
        while (reader.Read())
        {
            rows.Add(map(row));
        }

        return rows;
    }

    /// <summary>The first row of a query, or the type's default where there is none.</summary>
    public T? First<T>(string sql, Func<DbRow, T> map, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var reader = Bind(sql, parameters).ExecuteReader();
        return reader.Read() ? map(new DbRow(reader)) : default;
    }

    /// <summary>The first number of a query's first row; 0 where there is none.</summary>
    public long Number(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Bind(sql, parameters).ExecuteScalar() is long number ? number : 0;

    /// <summary>
    /// Runs <paramref name="action"/> once the work's changes are durable, in the order of the commits, and never when
    /// they are rolled back: the place to tell others what happened.
    /// </summary>
    public void AfterCommit(Action action) => _afterCommit.Add(action);

    /// <summary>Rows that statements of this session have changed, whether or not they were committed.</summary>
    internal long RowsChanged => Interlocked.Read(ref _rowsChanged);

    internal int AfterCommitCount => _afterCommit.Count;

    internal List<Action> TakeAfterCommit(int from)
    {
        var taken = _afterCommit.GetRange(from, _afterCommit.Count - from);
        _afterCommit.RemoveRange(from, taken.Count);
        return taken;
    }

    internal void Close()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _statements.Clear();
        _connection.Dispose();
    }

    private DbCommand Bind(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_statements.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, _) in parameters)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                command.Parameters.Add(parameter);
            }

            if (_statements.Count < MaxStatements)
            {
                _statements.Add(sql, command);
            }
        }

        for (var index = 0; index < parameters.Length; index++)
        {
            command.Parameters[index].Value = parameters[index].Value ?? DBNull.Value;
        }

        return command;
    }
}
