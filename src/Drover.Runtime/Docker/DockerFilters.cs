using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Drover.Runtime.Docker;

/// <summary>
/// The engine's list filters, as in <c>DockerFilters.Where("label", "drover.app=web").And("status", "running")</c>.
/// Different names must all match; of several values of one name any may (labels: all must).
/// </summary>
public sealed class DockerFilters
{
    private readonly (string Name, string Value)[] _terms;

    private DockerFilters((string Name, string Value)[] terms) => _terms = terms;

    public static DockerFilters Where(string name, string value) => new([(name, value)]);

    public DockerFilters And(string name, string value) => new([.. _terms, (name, value)]);

    internal string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var group in _terms.GroupBy(term => term.Name, term => term.Value, StringComparer.Ordinal))
            {
                writer.WriteStartArray(group.Key);
                foreach (var value in group)
                {
                    writer.WriteStringValue(value);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
