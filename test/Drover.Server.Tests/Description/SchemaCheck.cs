using System.Globalization;
using System.Text.Json;

namespace Drover.Server.Tests.Description;

/// <summary>
/// Holds a JSON value against a schema of an OpenAPI 3.1 document. Knows the keywords our document uses and fails on
/// any other, so that none is passed over; stricter than JSON Schema in that a field the schema does not name fails.
/// </summary>
internal sealed class SchemaCheck(JsonElement document)
{
    private static readonly string[] Known =
    [
        "$ref", "anyOf", "type", "format", "enum", "properties", "required", "items", "additionalProperties",
        "description",
    ];

    private readonly List<string> _failures = [];

    /// <summary>What does not fit, each with its place; empty when all does.</summary>
    public IReadOnlyList<string> Check(JsonElement schema, JsonElement value)
    {
        _failures.Clear();
        Check(schema, value, "$");
        return [.. _failures];
    }

    private void Check(JsonElement schema, JsonElement value, string place)
    {
        foreach (var keyword in schema.EnumerateObject().Where(keyword => !Known.Contains(keyword.Name)))
        {
            _failures.Add($"{place}: the check does not know \"{keyword.Name}\"");
        }

        if (schema.TryGetProperty("$ref", out var reference))
        {
            Check(Resolve(document, reference.GetString()!), value, place);
        }

        if (schema.TryGetProperty("anyOf", out var choices)
            && !choices.EnumerateArray().Any(choice => new SchemaCheck(document).Check(choice, value).Count == 0))
        {
            _failures.Add($"{place}: {value} is none of {choices}");
        }

        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(one => IsOf(one, value)))
        {
            _failures.Add($"{place}: {value.ValueKind} is not {type}");
            return;
        }

        if (schema.TryGetProperty("enum", out var values)
            && !values.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)))
        {
            _failures.Add($"{place}: {value} is not one of {values}");
        }

        CheckFormat(schema, value, place);
        if (value.ValueKind is JsonValueKind.Object)
        {
            CheckObject(schema, value, place);
        }
        else if (value.ValueKind is JsonValueKind.Array && schema.TryGetProperty("items", out var items))
        {
            foreach (var (index, item) in value.EnumerateArray().Index())
            {
                Check(items, item, $"{place}[{index}]");
            }
        }
    }

    private void CheckObject(JsonElement schema, JsonElement value, string place)
    {
        var hasProperties = schema.TryGetProperty("properties", out var properties);
        var hasRest = schema.TryGetProperty("additionalProperties", out var rest);
        foreach (var field in value.EnumerateObject())
        {
            if (hasProperties && properties.TryGetProperty(field.Name, out var known))
            {
                Check(known, field.Value, $"{place}.{field.Name}");
            }
            else if (hasRest)
            {
                Check(rest, field.Value, $"{place}.{field.Name}");
            }
            else if (hasProperties)
            {
                _failures.Add($"{place}: \"{field.Name}\" is not described");
            }
        }

        if (schema.TryGetProperty("required", out var required))
        {
            _failures.AddRange(required.EnumerateArray()
                .Where(name => !value.TryGetProperty(name.GetString()!, out _))
                .Select(name => $"{place}: \"{name}\" is missing"));
        }
    }

    private void CheckFormat(JsonElement schema, JsonElement value, string place)
    {
        if (!schema.TryGetProperty("format", out var format) || value.ValueKind is JsonValueKind.Null)
        {
            return;
        }

        var fits = format.GetString() switch
        {
            "int32" => value.TryGetInt32(out _),
            "int64" => value.TryGetInt64(out _),
            "double" => value.TryGetDouble(out _),
            "date-time" => value.GetString()!.EndsWith('Z')
                && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, out _),
            _ => false,
        };
        if (!fits)
        {
            _failures.Add($"{place}: {value} is not of the format {format}");
        }
    }

    /// <summary>What a reference within the document points to.</summary>
    public static JsonElement Resolve(JsonElement document, string reference)
    {
        Assert.StartsWith("#/", reference, StringComparison.Ordinal);
        return reference[2..].Split('/').Aggregate(document, (at, part) => at.GetProperty(part));
    }

    /// <summary>The thing itself where it is only referred to.</summary>
    public static JsonElement Follow(JsonElement document, JsonElement thing) =>
        thing.TryGetProperty("$ref", out var reference) ? Resolve(document, reference.GetString()!) : thing;

    private static IEnumerable<string> Types(JsonElement type) => type.ValueKind is JsonValueKind.Array
        ? type.EnumerateArray().Select(one => one.GetString()!)
        : [type.GetString()!];

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "string" => value.ValueKind is JsonValueKind.String,
        "integer" => value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind is JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "array" => value.ValueKind is JsonValueKind.Array,
        "object" => value.ValueKind is JsonValueKind.Object,
        "null" => value.ValueKind is JsonValueKind.Null,
        _ => throw new InvalidOperationException($"\"{type}\" is no type of JSON Schema"),
    };
}
