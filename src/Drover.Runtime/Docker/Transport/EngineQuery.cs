using System.Globalization;
using System.Text;

namespace Drover.Runtime.Docker.Transport;

/// <summary>Query string of one request; what is null or false is left out, as the engine's defaults want it.</summary>
internal sealed class EngineQuery
{
    private readonly StringBuilder _text = new();

    public EngineQuery Add(string name, string? value)
    {
        if (value is not null)
        {
            _text.Append(_text.Length is 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        return this;
    }

    public EngineQuery Add(string name, bool value) => value ? Add(name, "1") : this;

    public EngineQuery Add(string name, long? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    public EngineQuery Add(string name, EngineTimestamp? value) => Add(name, value?.ToQuery());

    public EngineQuery Add(DockerFilters? filters) => Add("filters", filters?.ToJson());

    public override string ToString() => _text.ToString();
}
