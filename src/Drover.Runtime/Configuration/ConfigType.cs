using System.Text.Json;

namespace Drover.Runtime.Configuration;

/// <summary>What values a key takes: how they are read, printed, and described to editors.</summary>
/// <typeparam name="T">The value in the program.</typeparam>
public abstract class ConfigType<T>
{
    /// <summary>Name in the reference: <c>duration</c>, <c>size</c>, <c>text</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The section that a value is or holds; null where it is none.</summary>
    public virtual ConfigSection? Inner => null;

    /// <summary>The value as the file would have it; a secret's is never shown.</summary>
    public abstract string Format(T value);

    /// <summary>Reads a value; false after it has told <paramref name="context"/> what is wrong.</summary>
    internal abstract bool TryRead(YamlNode node, ConfigReadContext context, out T value);

    /// <summary>Writes the members of this type's JSON Schema.</summary>
    internal abstract void WriteSchema(Utf8JsonWriter json);

    /// <summary>Writes the value as JSON.</summary>
    internal virtual void WriteValue(Utf8JsonWriter json, T value) => json.WriteStringValue(Format(value));
}

/// <summary>Reads a scalar: null when <paramref name="value"/> is set, else why the text is none.</summary>
internal delegate string? ScalarParser<T>(string text, out T value);

/// <summary>A type that one scalar carries.</summary>
internal sealed class ScalarType<T>(
    string name,
    ScalarParser<T> parse,
    Func<T, string> format,
    Action<Utf8JsonWriter> schema,
    Action<Utf8JsonWriter, T>? write = null) : ConfigType<T>
{
    public override string Name => name;

    public override string Format(T value) => format(value);

    internal override bool TryRead(YamlNode node, ConfigReadContext context, out T value)
    {
        value = default!;
        if (node is not YamlScalar { IsNull: false } scalar)
        {
            return context.Refuse(node, $"takes {name}, not {node.Kind}");
        }

        return context.TryExpand(scalar, out var text)
            && (parse(text, out value) is not { } why || context.Refuse(node, why));
    }

    internal override void WriteSchema(Utf8JsonWriter json) => schema(json);

    internal override void WriteValue(Utf8JsonWriter json, T value)
    {
        if (write is null)
        {
            base.WriteValue(json, value);
        }
        else
        {
            write(json, value);
        }
    }
}

/// <summary>A list of texts.</summary>
internal sealed class TextListType(string name, IReadOnlyList<string>? allowed) : ConfigType<IReadOnlyList<string>>
{
    public override string Name => name;

    public override string Format(IReadOnlyList<string> value) => $"[{string.Join(", ", value)}]";

    internal override bool TryRead(YamlNode node, ConfigReadContext context, out IReadOnlyList<string> value)
    {
        var items = new List<string>();
        value = items;
        if (node is not YamlList list)
        {
            return context.Refuse(node, $"takes a list such as [a, b], not {node.Kind}");
        }

        var good = true;
        foreach (var item in list.Items)
        {
            if (item is not YamlScalar { IsNull: false } scalar)
            {
                good = context.Refuse(item, $"takes texts, not {item.Kind}");
            }
            else if (!context.TryExpand(scalar, out var text))
            {
                good = false;
            }
            else if (allowed is not null && !allowed.Contains(text))
            {
                good = context.Refuse(item, ConfigTypes.NotOneOf(text, allowed));
            }
            else
            {
                items.Add(text);
            }
        }

        return good;
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type", "array");
        json.WriteStartObject("items");
        json.WriteString("type", "string");
        if (allowed is not null)
        {
            ConfigTypes.WriteEnum(json, allowed);
        }

        json.WriteEndObject();
    }

    internal override void WriteValue(Utf8JsonWriter json, IReadOnlyList<string> value)
    {
        json.WriteStartArray();
        foreach (var item in value)
        {
            json.WriteStringValue(item);
        }

        json.WriteEndArray();
    }
}

/// <summary>A secret: from a file or the environment, never written out in the file that everybody may read.</summary>
internal sealed class SecretType : ConfigType<Secret>
{
    internal const string FilePrefix = "file:";

    public override string Name => "secret";

    public override string Format(Secret value) => value.ToString();

    internal override bool TryRead(YamlNode node, ConfigReadContext context, out Secret value)
    {
        value = null!;
        if (node is not YamlScalar { IsNull: false } scalar)
        {
            return context.Refuse(node, $"takes a secret, not {node.Kind}");
        }

        if (scalar.Text.StartsWith(FilePrefix, StringComparison.Ordinal))
        {
            try
            {
                value = Secret.FromFile(scalar.Text[FilePrefix.Length..]);
                return true;
            }
            catch (ConfigurationException error)
            {
                return context.Refuse(node, error.Message);
            }
        }

        if (!scalar.Text.StartsWith("${", StringComparison.Ordinal))
        {
            return context.Refuse(
                node, "is a secret and secrets do not stand in this file; write file:/path or ${NAME}");
        }

        if (!context.TryExpand(scalar, out var text))
        {
            return false;
        }

        value = new Secret(text);
        return true;
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("type", "string");
        json.WriteString("pattern", @"^(file:.+|\$\{[A-Za-z_][A-Za-z0-9_]*\})$");
    }
}
