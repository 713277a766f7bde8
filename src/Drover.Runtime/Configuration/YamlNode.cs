using YamlDotNet.Core;

namespace Drover.Runtime.Configuration;

/// <summary>A value of the file with its place.</summary>
internal abstract record YamlNode(Mark At)
{
    /// <summary>What it is called in a sentence.</summary>
    public abstract string Kind { get; }
}

/// <summary>A single value; <see cref="IsPlain"/> without quotes.</summary>
internal sealed record YamlScalar(Mark At, string Text, bool IsPlain) : YamlNode(At)
{
    public override string Kind => IsNull ? "nothing" : "a single value";

    /// <summary>Nothing was written, or YAML's own words for it.</summary>
    public bool IsNull => IsPlain && Text is "" or "~" or "null";
}

/// <summary>A list.</summary>
internal sealed record YamlList(Mark At, IReadOnlyList<YamlNode> Items) : YamlNode(At)
{
    public override string Kind => "a list";
}

/// <summary>
/// Keys and values in the order of the file; keys may be repeated here and are refused by the reader.
/// </summary>
internal sealed record YamlMap(Mark At, IReadOnlyList<(YamlScalar Key, YamlNode Value)> Entries) : YamlNode(At)
{
    public override string Kind => "a section";
}
