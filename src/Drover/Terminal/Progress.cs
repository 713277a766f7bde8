namespace Drover.Terminal;

/// <summary>
/// What long work is doing, on standard error: on a terminal one line that is rewritten, elsewhere one line for each
/// change. Disposing clears the line.
/// </summary>
internal sealed class Progress(Screen screen, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly long _started = time.GetTimestamp();
    private ITimer? _timer;
    private string _text = "";
    private bool _shown;
    private bool _ended;

    /// <summary>Says what goes on now.</summary>
    public void Say(string text)
    {
        lock (_gate)
        {
            if (text == _text)
            {
                return;
            }

            _text = text;
            if (!screen.ErrorIsTerminal)
            {
                screen.Error.WriteLine(text);
                screen.Error.Flush();
                return;
            }

            Repaint();
            _timer ??= time.CreateTimer(_ => Tick(), null, Refresh, Refresh);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            var open = !_ended;
            _ended = true;
            _timer?.Dispose();
            if (_shown && open)
            {
                screen.Error.Write("\r\x1b[K");
                screen.Error.Flush();
            }
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            try
            {
                Repaint();
            }
            catch (OutputClosedException)
            {
                // The terminal is gone; the verb itself notices with its next word.
                _ended = true;
            }
        }
    }

    private void Repaint()
    {
        var elapsed = time.GetElapsedTime(_started);
        var line = $"{Paint.OneLine(_text)} {screen.ErrorPaint.Apply(Tone.Dim, TimeText.Took(elapsed))}";
        screen.Error.Write($"\r{line}\x1b[K");
        screen.Error.Flush();
        _shown = true;
    }
}
