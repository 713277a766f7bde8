using System.Runtime.InteropServices;
using SQLitePCL;

namespace Drover.Runtime.Storage;

/// <summary>
/// Chooses the native SQLite: the distribution's <c>libsqlite3.so.0</c>, which its security updates reach, and only
/// where there is none the library that ships beside the executable. Done once for the process.
/// </summary>
public static class SqliteLibrary
{
    private static readonly Lock Gate = new();
    private static string? _source;

    /// <summary>Loads the library when that has not been done and says where it came from and its version.</summary>
    /// <exception cref="StorageException">Neither library can be loaded.</exception>
    public static string Load()
    {
        lock (Gate)
        {
            if (_source is not null)
            {
                return _source;
            }

            var (handle, name) = Find();
            var provider = new SQLite3Provider_e_sqlite3();
            NativeLibrary.SetDllImportResolver(
                provider.GetType().Assembly,
                (library, _, _) => library.Contains("e_sqlite3", StringComparison.Ordinal) ? handle : 0);
            raw.SetProvider(provider);
            return _source = $"{name} {raw.sqlite3_libversion().utf8_to_string()}";
        }
    }

    private static (nint Handle, string Name) Find()
    {
        string[] candidates =
        [
            "libsqlite3.so.0",
            Path.Combine(AppContext.BaseDirectory, "libe_sqlite3.so"),
            Path.Combine(
                AppContext.BaseDirectory,
                "runtimes",
                RuntimeInformation.RuntimeIdentifier,
                "native",
                "libe_sqlite3.so"),
        ];
        foreach (var candidate in candidates)
        {
            if (NativeLibrary.TryLoad(candidate, out var handle))
            {
                return (handle, Path.GetFileName(candidate));
            }
        }

        throw new StorageException(
            "cannot load SQLite: neither libsqlite3.so.0 nor libe_sqlite3.so beside the executable was found; "
            + "install the package libsqlite3-0");
    }
}
