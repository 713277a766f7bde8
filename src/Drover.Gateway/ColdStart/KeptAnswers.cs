using Drover.Gateway.Routing;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.ColdStart;

/// <summary>
/// The last answers of an agent to quiet requests, a few and small ones, the oldest given up first. Thread-safe; owns
/// its lock.
/// </summary>
internal sealed class KeptAnswers
{
    private const int Most = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, KeptAnswer> _answers = new(StringComparer.Ordinal);

    /// <summary>Under what an answer to this request is kept: the host asked for and the path.</summary>
    public static string KeyOf(HttpRequest request)
    {
        var host = RequestHost.NameOf(request.Headers.Host).ToString().ToLowerInvariant();
        return $"{host}{request.Path.Value}";
    }

    /// <summary>The answer that fits this request; null: there is none.</summary>
    public KeptAnswer? Find(HttpRequest request)
    {
        if (!(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) || request.QueryString.HasValue)
        {
            return null;
        }

        lock (_gate)
        {
            return _answers.TryGetValue(KeyOf(request), out var answer) && answer.Fits(request) ? answer : null;
        }
    }

    /// <summary>Keeps an answer in the place of the one before.</summary>
    public void Keep(string key, KeptAnswer answer)
    {
        lock (_gate)
        {
            if (!_answers.ContainsKey(key) && _answers.Count == Most)
            {
                _answers.Remove(_answers.MinBy(kept => kept.Value.At).Key);
            }

            _answers[key] = answer;
        }
    }
}
