using System.Text;

namespace Drover.Runtime.Configuration;

/// <summary>What reading one key's value needs: where it stands, the environment, and where problems go.</summary>
internal sealed class ConfigReadContext(string path, EnvironmentVariables environment, List<ConfigProblem> problems)
{
    /// <summary>Where the value stands, dotted.</summary>
    public string Path => path;

    /// <summary>The process's environment.</summary>
    public EnvironmentVariables Environment => environment;

    /// <summary>All that was found wrong so far.</summary>
    public List<ConfigProblem> Problems => problems;

    /// <summary>The same for a value within this one.</summary>
    public ConfigReadContext Inner(string name) => new(SectionWalk.Join(path, name), environment, problems);

    /// <summary>Notes what is wrong with the key; always false.</summary>
    public bool Refuse(YamlNode node, string why)
    {
        problems.Add(YamlTree.Problem(node.At, why.StartsWith('"') ? $"{path}: {why}" : $"{path} {why}"));
        return false;
    }

    /// <summary>Replaces <c>${NAME}</c> by the environment; <c>$${</c> stands for itself.</summary>
    public bool TryExpand(YamlScalar scalar, out string text)
    {
        text = scalar.Text;
        if (!text.Contains("${", StringComparison.Ordinal))
        {
            return true;
        }

        var result = new StringBuilder();
        var at = 0;
        while (at < text.Length)
        {
            var open = text.IndexOf("${", at, StringComparison.Ordinal);
            if (open < 0)
            {
                break;
            }

            if (open > at && text[open - 1] == '$')
            {
                result.Append(text, at, open - at).Append('{');
                at = open + 2;
                continue;
            }

            var close = text.IndexOf('}', open);
            if (close < 0)
            {
                return Refuse(scalar, "has a ${ without its }");
            }

            var name = text[(open + 2)..close];
            if (environment[name] is not { } value)
            {
                return Refuse(scalar, $"needs the environment variable {name}, which is not set");
            }

            result.Append(text, at, open - at).Append(value);
            at = close + 1;
        }

        text = result.Append(text, at, text.Length - at).ToString();
        return true;
    }
}
