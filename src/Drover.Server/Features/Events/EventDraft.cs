using System.Buffers;
using System.Text;
using System.Text.Json;
using Drover.Core.Events;
using Drover.Server.Features.Hosts;

namespace Drover.Server.Features.Events;

/// <summary>An event before it has an id.</summary>
/// <param name="Type">One of the closed set.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Subject">What it is about.</param>
internal sealed record EventDraft(EventType Type, DateTimeOffset Time, string? Subject)
{
    /// <summary>Source of what the server itself saw.</summary>
    public const string ServerSource = "/server";

    /// <summary>Who saw it.</summary>
    public string Source { get; init; } = ServerSource;

    /// <summary>The host it concerns.</summary>
    public string? HostId { get; init; }

    /// <summary>Differs from the type's own only where the maker knows better.</summary>
    public EventSeverity Severity { get; init; } = Type.Severity;

    /// <summary>A JSON object, or null.</summary>
    public string? Data { get; init; }

    /// <summary>The source of what an enrolled role saw.</summary>
    public static string SourceOf(EnrolledHost host) => $"/{host.Kind.Folder}/{host.Name}";

    /// <summary>Fields as a JSON object; those that are null are left out.</summary>
    public static string Fields(params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                switch (value)
                {
                    case null:
                        break;
                    case long number:
                        writer.WriteNumber(name, number);
                        break;
                    case int number:
                        writer.WriteNumber(name, number);
                        break;
                    default:
                        writer.WriteString(name, value.ToString());
                        break;
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
