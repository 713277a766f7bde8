using System.Text;

namespace Drover.Terminal;

/// <summary>One cell: its text and its tone.</summary>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    public static implicit operator Cell(string text) => new(text);
}

/// <summary>
/// Aligned columns. On a terminal the widest columns that may shrink are cut to fit its width; piped, nothing is ever
/// cut, so that what is searched for is there.
/// </summary>
internal sealed class Table(params Table.Column[] columns)
{
    private const int Gap = 2;
    private const int NarrowestShrunk = 12;

    private readonly List<Cell[]> _rows = [];

    /// <summary>A column: heading, and whether it may be cut to fit a terminal.</summary>
    internal readonly record struct Column(string Heading, bool Shrinks = false, bool RightAligned = false)
    {
        public static implicit operator Column(string heading) => new(heading);
    }

    public int Rows => _rows.Count;

    public void Add(params Cell[] cells)
    {
        if (cells.Length != columns.Length)
        {
            throw new ArgumentException($"{cells.Length} cells for {columns.Length} columns", nameof(cells));
        }

        _rows.Add([.. cells.Select(cell => cell with { Text = Paint.OneLine(cell.Text) })]);
    }

    /// <summary>The lines, heading first.</summary>
    public IEnumerable<string> Lines(Paint paint, int? fitInto)
    {
        var widths = Widths(fitInto);
        yield return Line([.. columns.Select(column => new Cell(column.Heading, Tone.Dim))], widths, paint);
        foreach (var row in _rows)
        {
            yield return Line(row, widths, paint);
        }
    }

    public void Write(Screen screen)
    {
        foreach (var line in Lines(screen.OutPaint, screen.OutIsTerminal ? screen.Width : null))
        {
            screen.Out.WriteLine(line);
        }
    }

    private int[] Widths(int? fitInto)
    {
        var widths = columns
            .Select((column, index) => _rows.Select(row => row[index].Text.Length).Append(column.Heading.Length).Max())
            .ToArray();
        while (fitInto is { } most && widths.Sum() + (Gap * (widths.Length - 1)) > most)
        {
            var widest = Enumerable.Range(0, widths.Length)
                .Where(index => columns[index].Shrinks && widths[index] > NarrowestShrunk)
                .DefaultIfEmpty(-1)
                .MaxBy(index => index < 0 ? 0 : widths[index]);
            if (widest < 0)
            {
                break;
            }

            widths[widest]--;
        }

        return widths;
    }

    /// <summary>The text within so many columns; what was cut ends with an ellipsis.</summary>
    public static string Cut(string text, int width) =>
        text.Length <= width ? text : string.Concat(text.AsSpan(0, Math.Max(0, width - 1)), "…");

    private string Line(Cell[] cells, int[] widths, Paint paint)
    {
        var line = new StringBuilder();
        for (var index = 0; index < cells.Length; index++)
        {
            var (text, tone) = cells[index];
            text = Cut(text, widths[index]);
            var padding = new string(' ', widths[index] - text.Length);
            var painted = paint.Apply(tone, text);
            var last = index == cells.Length - 1;
            line.Append(columns[index].RightAligned ? padding + painted : last ? painted : painted + padding);
            line.Append(' ', last ? 0 : Gap);
        }

        return line.ToString().TrimEnd();
    }
}
