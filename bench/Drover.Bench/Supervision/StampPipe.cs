using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace Drover.Bench.Supervision;

/// <summary>The first act of an instance.</summary>
/// <param name="Pid">Which process.</param>
/// <param name="At">When, in ns of CLOCK_MONOTONIC: what <c>Stopwatch.GetTimestamp</c> counts too.</param>
internal readonly record struct Stamp(int Pid, long At);

/// <summary>
/// The pipe into which instances write their stamps. It is open for both directions, so that there is never an end of
/// it and no writer waits for a reader. Owns the thread that reads.
/// </summary>
internal sealed class StampPipe : IDisposable
{
    private const string Last = "0 0\n";

    private readonly Channel<Stamp> _stamps = Channel.CreateUnbounded<Stamp>();
    private readonly FileStream _file;
    private readonly Thread _thread;

    public StampPipe(string path)
    {
        SystemProcess.MakePipe(path);
        _file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        _thread = new Thread(Read) { IsBackground = true, Name = "stamps" };
        _thread.Start();
    }

    public ValueTask<Stamp> NextAsync(CancellationToken cancellationToken) =>
        _stamps.Reader.ReadAsync(cancellationToken);

    public void Dispose()
    {
        _file.Write(Encoding.ASCII.GetBytes(Last));
        _thread.Join();
        _file.Dispose();
    }

    private void Read()
    {
        using var lines = new StreamReader(_file, Encoding.ASCII, false, 256, leaveOpen: true);
        while (lines.ReadLine() is { } line)
        {
            var fields = line.Split(' ');
            var stamp = new Stamp(
                int.Parse(fields[0], CultureInfo.InvariantCulture),
                long.Parse(fields[1], CultureInfo.InvariantCulture));
            if (stamp.Pid == 0)
            {
                return;
            }

            _stamps.Writer.TryWrite(stamp);
        }
    }
}
