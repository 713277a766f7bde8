using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>
/// The variables of every component, which cannot be read while a file is there: what a mount that does not answer does
/// to whoever reads from it.
/// </summary>
internal sealed class HangingVariables(string file) : IReadOnlyDictionary<string, string>
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly Dictionary<string, string> _variables = new() { ["PATH"] = "/usr/bin:/bin" };

    public IEnumerable<string> Keys => Read().Keys;

    public IEnumerable<string> Values => Read().Values;

    public int Count => Read().Count;

    public string this[string key] => Read()[key];

    public bool ContainsKey(string key) => Read().ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => Read().TryGetValue(key, out value);

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => Read().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private Dictionary<string, string> Read()
    {
        while (File.Exists(file))
        {
            Thread.Sleep(Pause);
        }

        return _variables;
    }
}
