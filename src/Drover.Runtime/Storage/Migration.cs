using System.Globalization;
using System.Reflection;

namespace Drover.Runtime.Storage;

/// <summary>One numbered step from an older schema to a newer one; there is no way back.</summary>
/// <param name="Number">Rises by one from 1.</param>
/// <param name="Name">For people.</param>
/// <param name="Sql">Statements, run in one transaction.</param>
public sealed record Migration(int Number, string Name, string Sql)
{
    private const string Prefix = "migrations/";

    /// <summary>
    /// The migrations embedded in an assembly as <c>migrations/NNNN_name.sql</c>, in order and without a gap.
    /// </summary>
    public static IReadOnlyList<Migration> EmbeddedIn(Assembly assembly)
    {
        var migrations = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => Read(assembly, name))
            .OrderBy(migration => migration.Number)
            .ToList();
        for (var index = 0; index < migrations.Count; index++)
        {
            if (migrations[index].Number != index + 1)
            {
                throw new InvalidOperationException($"Migration {index + 1} is missing or numbered twice.");
            }
        }

        return migrations;
    }

    private static Migration Read(Assembly assembly, string resource)
    {
        var file = Path.GetFileNameWithoutExtension(resource[Prefix.Length..]);
        var split = file.IndexOf('_', StringComparison.Ordinal);
        using var stream = assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        return new Migration(
            int.Parse(file.AsSpan(0, split), NumberStyles.None, CultureInfo.InvariantCulture),
            file[(split + 1)..],
            reader.ReadToEnd());
    }
}
