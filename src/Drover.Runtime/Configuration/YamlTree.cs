using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Drover.Runtime.Configuration;

/// <summary>
/// Turns YAML into <see cref="YamlNode"/>s by the parser's events. Not the library's own document model, which stops at
/// the first repeated key, and not its object binder, which needs reflection. Aliases and tags are refused: the file
/// is data, and one value stands in one place.
/// </summary>
internal static class YamlTree
{
    private const int MaxDepth = 16;

    /// <summary>The document's root, or null for an empty one. What cannot be read becomes a problem.</summary>
    public static YamlNode? Parse(string text, List<ConfigProblem> problems)
    {
        var parser = new Parser(new StringReader(text));
        try
        {
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                return null;
            }

            var root = Read(parser, 0, problems);
            parser.Consume<DocumentEnd>();
            if (parser.Current is DocumentStart second)
            {
                problems.Add(Problem(second.Start, "the file has a second document; put everything into one"));
            }

            return root;
        }
        catch (YamlException error)
        {
            var inner = error.InnerException?.Message ?? error.Message;
            // Some of the parser's errors carry no place; then it is behind the last thing that was read.
            var at = error.Start.Equals(Mark.Empty) && parser.Current is { } last ? last.End : error.Start;
            problems.Add(Problem(at, $"cannot read the file as YAML: {inner}"));
            return null;
        }
        catch (InvalidOperationException) when (parser.Current is { } last)
        {
            // The scanner ends so, not with a YamlException, where a flow sequence is never closed.
            problems.Add(Problem(last.End, "cannot read the file as YAML: a '[' or '{' is not closed"));
            return null;
        }
    }

    /// <summary>A problem at a place.</summary>
    public static ConfigProblem Problem(Mark at, string message) => new(at.Line, at.Column, message);

    private static YamlNode Read(Parser parser, int depth, List<ConfigProblem> problems)
    {
        var current = parser.Current!;
        if (depth > MaxDepth)
        {
            throw new YamlException(current.Start, current.End, $"more than {MaxDepth} levels");
        }

        if (parser.TryConsume<Scalar>(out var scalar))
        {
            return new YamlScalar(scalar.Start, scalar.Value, scalar.Style == ScalarStyle.Plain);
        }

        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            problems.Add(Problem(alias.Start, $"\"*{alias.Value}\" refers to another place; write the value itself"));
            return new YamlScalar(alias.Start, "", false);
        }

        return parser.TryConsume<SequenceStart>(out var list)
            ? ReadList(parser, list.Start, depth, problems)
            : ReadMap(parser, parser.Consume<MappingStart>().Start, depth, problems);
    }

    private static YamlList ReadList(Parser parser, Mark at, int depth, List<ConfigProblem> problems)
    {
        var items = new List<YamlNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Read(parser, depth + 1, problems));
        }

        return new YamlList(at, items);
    }

    private static YamlMap ReadMap(Parser parser, Mark at, int depth, List<ConfigProblem> problems)
    {
        var entries = new List<(YamlScalar, YamlNode)>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = Read(parser, depth + 1, problems);
            var value = Read(parser, depth + 1, problems);
            if (key is YamlScalar name)
            {
                entries.Add((name, value));
            }
            else
            {
                problems.Add(Problem(key.At, $"a key is a name, not {key.Kind}"));
            }
        }

        return new YamlMap(at, entries);
    }
}
