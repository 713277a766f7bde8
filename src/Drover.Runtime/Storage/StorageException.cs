using Microsoft.Data.Sqlite;

namespace Drover.Runtime.Storage;

/// <summary>The database cannot do its work; the message is a sentence for people and says what to do.</summary>
public sealed class StorageException : Exception
{
    private const int Busy = 5;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    /// <summary>Makes one from a sentence.</summary>
    public StorageException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one from a sentence and what lies behind it.</summary>
    public StorageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Says what SQLite's result code means for the file at <paramref name="path"/>.</summary>
    /// <remarks>Codes: https://www.sqlite.org/rescode.html</remarks>
    internal static StorageException From(SqliteException exception, string verb, string path)
    {
        var why = exception.SqliteErrorCode switch
        {
            Busy => "another process holds it locked; end that process",
            ReadOnly => "it is read-only for this user; check the owner and mode of the file and its directory",
            InputOutput => "the disk failed to read or write; check the kernel's log and the disk",
            Corrupt => "it is damaged; restore the newest backup",
            Full => "the disk is full; free space and try again",
            CannotOpen => "the file or its directory cannot be opened; check that it exists and belongs to this user",
            NotADatabase => "the file is not a Drover database; move it away or choose another data directory",
            _ => exception.Message,
        };
        return new StorageException($"cannot {verb} the database \"{path}\": {why}", exception);
    }
}
