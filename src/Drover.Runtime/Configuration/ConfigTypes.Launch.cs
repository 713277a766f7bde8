using System.Globalization;
using System.Text.Json;

namespace Drover.Runtime.Configuration;

/// <summary>A text in which <c>${NAME}</c> was replaced; what is shown of it is what was written.</summary>
/// <param name="Written">As it stands in the file.</param>
/// <param name="Value">As it holds. May be a secret.</param>
public sealed record ExpandedText(string Written, string Value)
{
    /// <inheritdoc/>
    public override string ToString() => Written;
}

/// <summary>Types for what is launched and asked.</summary>
public static partial class ConfigTypes
{
    /// <summary>A path that counts from a directory which only the reader of the value knows.</summary>
    public static ConfigType<string> RelativePath { get; } = OfText("path", CheckRelativePath);

    /// <summary>One path or a list of them, relative ones as <see cref="RelativePath"/>.</summary>
    public static ConfigType<IReadOnlyList<string>> RelativePaths { get; } =
        new OneOrMoreType("path, or a list of them", "paths", CheckRelativePath);

    /// <summary>A program with its arguments; a single text is cut at white space as a shell would cut it.</summary>
    public static ConfigType<IReadOnlyList<string>> Command { get; } =
        new OneOrMoreType("[program, argument, ...] or a line", "texts", _ => null, SplitCommand, mayBeEmpty: true);

    /// <summary>The value of an environment variable; may be empty.</summary>
    public static ConfigType<ExpandedText> EnvironmentValue { get; } = new EnvironmentValueType();

    /// <summary>A secret that is read when it is needed, so that each use sees the newest.</summary>
    public static ConfigType<SecretSource> SecretSource { get; } = new SecretSourceType();

    /// <summary>Texts that keep a rule; a single one stands for a list of one.</summary>
    /// <param name="name">What one text is, for the reference and refusals.</param>
    /// <param name="check">What is wrong with a text; null when nothing is.</param>
    public static ConfigType<IReadOnlyList<string>> Texts(string name, Func<string, string?> check) =>
        new OneOrMoreType($"{name}, or a list", "texts", check);

    /// <summary>One text that keeps a rule.</summary>
    /// <param name="name">What the text is, for the reference and refusals.</param>
    /// <param name="check">What is wrong with a text; null when nothing is.</param>
    public static ConfigType<string> TextOf(string name, Func<string, string?> check) => OfText(name, check);

    /// <summary>A number within bounds.</summary>
    public static ConfigType<double> Number(double least, double most) => new ScalarType<double>(
        "number",
        (string text, out double value) =>
            double.TryParse(
                text,
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out value)
            && value >= least && value <= most
                ? null
                : string.Create(
                    CultureInfo.InvariantCulture, $"takes a number from {least} to {most}, not \"{text}\""),
        value => value.ToString(CultureInfo.InvariantCulture),
        json =>
        {
            json.WriteString("type", "number");
            json.WriteNumber("minimum", least);
            json.WriteNumber("maximum", most);
        },
        (json, value) => json.WriteNumberValue(value));

    private static string? CheckRelativePath(string text) =>
        text.Length == 0 || text.Contains('\0', StringComparison.Ordinal)
        ? "takes a path"
        : text[0] == '~'
            ? $"\"{text}\" begins with ~, which only a shell expands; write ${{HOME}} or the whole path"
            : null;

    private static (IReadOnlyList<string> Words, string? Why) SplitCommand(string line)
    {
        var why = CommandWords.TrySplit(line, out var words);
        return (words, why ?? (words.Count == 0 ? "must not be empty" : null));
    }
}

/// <summary>A list of texts for which one scalar may stand.</summary>
/// <param name="name">What it takes, for the reference and the refusal.</param>
/// <param name="plural">What its items are, for the refusal.</param>
/// <param name="check">What is wrong with an item; null when nothing is.</param>
/// <param name="split">What one scalar stands for, or why it cannot; null where it stands for itself.</param>
/// <param name="mayBeEmpty">Whether items may be empty texts; the first never is.</param>
internal sealed class OneOrMoreType(
    string name,
    string plural,
    Func<string, string?> check,
    Func<string, (IReadOnlyList<string> Texts, string? Why)>? split = null,
    bool mayBeEmpty = false)
    : ConfigType<IReadOnlyList<string>>
{
    public override string Name => name;

    public override string Format(IReadOnlyList<string> value) => $"[{string.Join(", ", value)}]";

    internal override bool TryRead(YamlNode node, ConfigReadContext context, out IReadOnlyList<string> value)
    {
        value = [];
        if (node is YamlScalar { IsNull: false } scalar)
        {
            if (!context.TryExpand(scalar, out var text))
            {
                return false;
            }

            (value, var why) = split is null ? ([text], check(text)) : split(text);
            return why is null || context.Refuse(node, why);
        }

        if (node is not YamlList { Items.Count: > 0 } list)
        {
            return context.Refuse(node, $"takes {name}, not {(node is YamlList ? "an empty list" : node.Kind)}");
        }

        var items = new List<string>();
        value = items;
        foreach (var item in list.Items)
        {
            if (item is not YamlScalar one)
            {
                return context.Refuse(item, $"takes {plural}, not {item.Kind}");
            }

            if (!context.TryExpand(one, out var text))
            {
                return false;
            }

            var isTooEmpty = text.Length == 0 && (items.Count == 0 || !mayBeEmpty);
            if (isTooEmpty || check(text) is not null)
            {
                return context.Refuse(item, isTooEmpty ? "has an empty text" : check(text)!);
            }

            items.Add(text);
        }

        return true;
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteStartArray("anyOf");
        json.WriteStartObject();
        json.WriteString("type", "string");
        json.WriteEndObject();
        json.WriteStartObject();
        json.WriteString("type", "array");
        json.WriteNumber("minItems", 1);
        json.WriteStartObject("items");
        json.WriteStartArray("type");
        json.WriteStringValue("string");
        json.WriteStringValue("number");
        json.WriteStringValue("boolean");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
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

/// <summary>One environment variable's value.</summary>
internal sealed class EnvironmentValueType : ConfigType<ExpandedText>
{
    public override string Name => "text";

    public override string Format(ExpandedText value) => value.Written;

    internal override bool TryRead(YamlNode node, ConfigReadContext context, out ExpandedText value)
    {
        value = new ExpandedText("", "");
        if (node is not YamlScalar { IsNull: false } scalar)
        {
            return context.Refuse(node, $"takes a text, \"\" for an empty one, not {node.Kind}");
        }

        if (!context.TryExpand(scalar, out var text))
        {
            return false;
        }

        value = new ExpandedText(scalar.Text, text);
        return !text.Contains('\0', StringComparison.Ordinal) || context.Refuse(node, "holds a NUL");
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteStartArray("type");
        json.WriteStringValue("string");
        json.WriteStringValue("number");
        json.WriteStringValue("boolean");
        json.WriteEndArray();
    }
}
