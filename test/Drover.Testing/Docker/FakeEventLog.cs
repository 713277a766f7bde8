using System.Text.Json.Nodes;
using System.Threading.Channels;
using Drover.Runtime.Docker;

namespace Drover.Testing.Docker;

/// <summary>The engine's events: the last 256 in memory, and whoever is listening.</summary>
internal sealed class FakeEventLog
{
    private const int Remembered = 256;
    private readonly Lock _gate = new();
    private readonly List<(EngineTimestamp At, string Line)> _history = [];
    private readonly List<Channel<string>> _listeners = [];

    public int Listeners
    {
        get
        {
            lock (_gate)
            {
                return _listeners.Count;
            }
        }
    }

    public void Add(
        string type, string action, string actorId, IReadOnlyDictionary<string, string> attributes, EngineTimestamp at)
    {
        var line = new JsonObject
        {
            ["Type"] = type,
            ["Action"] = action,
            ["Actor"] = new JsonObject
            {
                ["ID"] = actorId,
                ["Attributes"] = new JsonObject(
                    attributes.Select(each => KeyValuePair.Create(each.Key, (JsonNode?)each.Value))),
            },
            ["scope"] = "local",
            ["time"] = at.Seconds,
            ["timeNano"] = (at.Seconds * 1_000_000_000) + at.Nanos,
        }.ToJsonString() + "\n";
        lock (_gate)
        {
            _history.Add((at, line));
            if (_history.Count > Remembered)
            {
                _history.RemoveAt(0);
            }

            foreach (var listener in _listeners)
            {
                listener.Writer.TryWrite(line);
            }
        }
    }

    /// <summary>What a restart of the engine does to its memory.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _history.Clear();
        }
    }

    public Channel<string> Listen(EngineTimestamp? since)
    {
        var channel = Channel.CreateUnbounded<string>();
        lock (_gate)
        {
            if (since is { } moment)
            {
                foreach (var (_, line) in _history.Where(each => each.At >= moment))
                {
                    channel.Writer.TryWrite(line);
                }
            }

            _listeners.Add(channel);
        }

        return channel;
    }

    public void Leave(Channel<string> channel)
    {
        lock (_gate)
        {
            _listeners.Remove(channel);
        }
    }
}
