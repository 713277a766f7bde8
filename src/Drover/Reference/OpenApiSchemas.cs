using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Drover.Reference;

/// <summary>
/// JSON Schemas of the wire's types, from the metadata that the source generator wrote for their serialisation: names,
/// types and what may be absent are what is sent, not what somebody wrote beside it. Descriptions are the comments.
/// </summary>
internal sealed class OpenApiSchemas(
    WireComments comments, IReadOnlyDictionary<string, IReadOnlyList<string>> closedSets)
{
    private const string DtoEnd = "Dto";
    private const string Place = "#/components/schemas/";

    private readonly SortedDictionary<string, JsonObject> _components = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Type> _types = new(StringComparer.Ordinal);
    private readonly HashSet<string> _usedSets = [];

    /// <summary>The name of a type in the document.</summary>
    public static string NameOf(string type) =>
        type.EndsWith(DtoEnd, StringComparison.Ordinal) ? type[..^DtoEnd.Length] : type;

    /// <summary>Every type that was asked for, and those that they are made of.</summary>
    /// <exception cref="InvalidOperationException">A closed set names a field that no type has.</exception>
    public JsonObject Components()
    {
        if (closedSets.Keys.Except(_usedSets).ToList() is { Count: > 0 } unknown)
        {
            throw new InvalidOperationException($"No field is called {string.Join(", ", unknown)}.");
        }

        var all = new JsonObject();
        foreach (var (name, schema) in _components)
        {
            all.Add(name, schema);
        }

        return all;
    }

    /// <summary>The schema of a type: inline, or a reference to one of <see cref="Components"/>.</summary>
    public JsonObject Of(JsonTypeInfo info)
    {
        var type = Nullable.GetUnderlyingType(info.Type);
        if (type is not null)
        {
            return Of(info.Options.GetTypeInfo(type));
        }

        return info.Kind switch
        {
            JsonTypeInfoKind.Object => new JsonObject { ["$ref"] = Place + Component(info) },
            JsonTypeInfoKind.Enumerable => new JsonObject { ["type"] = "array", ["items"] = Element(info) },
            JsonTypeInfoKind.Dictionary =>
                new JsonObject { ["type"] = "object", ["additionalProperties"] = Element(info) },
            _ => Simple(info.Type),
        };
    }

    private JsonObject Element(JsonTypeInfo info)
    {
        var element = info.ElementType!;
        var schema = Of(info.Options.GetTypeInfo(element));
        return Nullable.GetUnderlyingType(element) is null ? schema : OrNull(schema);
    }

    private string Component(JsonTypeInfo info)
    {
        // A page is called after what it lists.
        var generic = info.Type.Name.IndexOf('`', StringComparison.Ordinal);
        var name = generic < 0 ? NameOf(info.Type.Name) : NameOf(ListedIn(info).Name) + info.Type.Name[..generic];
        if (_types.TryAdd(name, info.Type))
        {
            // Entered first: a type may hold itself.
            var schema = _components[name] = [];
            Describe(info, schema);
        }

        return _types[name] == info.Type
            ? name
            : throw new InvalidOperationException($"{info.Type} and {_types[name]} are both called {name}.");
    }

    private static Type ListedIn(JsonTypeInfo page) =>
        page.Properties.Select(property => page.Options.GetTypeInfo(property.PropertyType))
            .First(property => property.Kind is JsonTypeInfoKind.Enumerable).ElementType!;

    private void Describe(JsonTypeInfo info, JsonObject schema)
    {
        var (properties, required) = (new JsonObject(), new JsonArray());
        foreach (var property in info.Properties)
        {
            var value = Of(info.Options.GetTypeInfo(property.PropertyType));
            Close($"{info.Type.Name}.{property.Name}", value);
            var isOptional = property.IsGetNullable;
            if (isOptional && info.Options.DefaultIgnoreCondition != JsonIgnoreCondition.WhenWritingNull)
            {
                value = OrNull(value);
            }

            value["description"] = comments.OfField(info.Type, property.Name);
            properties.Add(property.Name, value);
            if (!isOptional)
            {
                required.Add((JsonNode)property.Name);
            }
        }

        schema["description"] = comments.OfType(info.Type);
        schema["type"] = "object";
        schema["properties"] = properties;
        if (required.Count > 0)
        {
            schema["required"] = required;
        }
    }

    private void Close(string field, JsonObject value)
    {
        if (closedSets.TryGetValue(field, out var values))
        {
            _usedSets.Add(field);
            value["enum"] = new JsonArray([.. values.Select(one => JsonValue.Create(one))]);
        }
    }

    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema["type"] is not JsonValue type)
        {
            return schema.ContainsKey("$ref")
                ? new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) }
                : schema;
        }

        schema["type"] = new JsonArray(type.DeepClone(), "null");
        return schema;
    }

    private static JsonObject Simple(Type type)
    {
        if (type == typeof(string))
        {
            return new JsonObject { ["type"] = "string" };
        }

        if (type == typeof(bool))
        {
            return new JsonObject { ["type"] = "boolean" };
        }

        if (type == typeof(int) || type == typeof(long))
        {
            return new JsonObject { ["type"] = "integer", ["format"] = type == typeof(int) ? "int32" : "int64" };
        }

        if (type == typeof(double))
        {
            return new JsonObject { ["type"] = "number", ["format"] = "double" };
        }

        if (type == typeof(DateTimeOffset))
        {
            return new JsonObject { ["type"] = "string", ["format"] = "date-time" };
        }

        return type == typeof(JsonElement)
            ? []
            : throw new InvalidOperationException($"{type} crosses the wire and has no schema here.");
    }
}
