using System.Globalization;
using Drover.Supervisor.Logs;
using Drover.Terminal;

namespace Drover.Supervision;

/// <summary>
/// Prints lines of components: with a column of names where there are several, as JSON an object a line.
/// </summary>
internal sealed class LogLineWriter
{
    private readonly Screen _screen;
    private readonly int _nameWidth;
    private readonly bool _timestamps;
    private readonly bool _json;
    private readonly TimeZoneInfo _zone;
    private string? _unfinished;

    /// <param name="screen">Where to.</param>
    /// <param name="names">The names of the column; none for no column.</param>
    /// <param name="timestamps">Whether each line begins with its time.</param>
    /// <param name="json">One object a line.</param>
    /// <param name="zone">Of the times for people.</param>
    public LogLineWriter(Screen screen, IEnumerable<string> names, bool timestamps, bool json, TimeZoneInfo zone)
    {
        _screen = screen;
        _nameWidth = names.Select(name => name.Length).DefaultIfEmpty(0).Max();
        _timestamps = timestamps;
        _json = json;
        _zone = zone;
    }

    public void Write(ComponentLine line)
    {
        if (_json)
        {
            WriteJson(line);
            return;
        }

        // The rest of a long line goes on behind its first part, unless another component's line came in between.
        var goesOn = _unfinished == line.Component;
        if (!goesOn)
        {
            if (_unfinished is not null)
            {
                _screen.Out.Write('\n');
            }

            _screen.Out.Write(Prefix(line));
        }

        var text = line.IsRemark
            ? _screen.OutPaint.Apply(Tone.Dim, $"[{Paint.OneLine(line.Text)}]")
            : _screen.OutIsTerminal ? Paint.LogLine(line.Text) : line.Text;
        _screen.Out.Write(text);
        _unfinished = line.IsPart ? line.Component : null;
        if (!line.IsPart)
        {
            _screen.Out.Write('\n');
        }
    }

    private string Prefix(ComponentLine line)
    {
        var time = _timestamps
            ? TimeZoneInfo.ConvertTime(line.At, _zone)
                .ToString("yyyy-MM-dd HH:mm:ss.fffzzz ", CultureInfo.InvariantCulture)
            : "";
        var name = _nameWidth > 0 ? $"{line.Component.PadRight(_nameWidth)} | " : "";
        return _screen.OutPaint.Apply(Tone.Dim, time + name);
    }

    private void WriteJson(ComponentLine line) => JsonText.WriteObjectLine(_screen, json =>
    {
        json.WriteString("component", line.Component);
        json.WriteString("at", line.At.UtcDateTime);
        json.WriteString("text", line.Text);
        if (line.IsPart)
        {
            json.WriteBoolean("part", true);
        }

        if (line.IsRemark)
        {
            json.WriteBoolean("remark", true);
        }
    });
}
