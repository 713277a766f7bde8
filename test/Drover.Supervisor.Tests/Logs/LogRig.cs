using System.Diagnostics;
using System.Globalization;
using System.Text;
using Drover.Supervisor.Logs;
using Drover.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Tests.Logs;

/// <summary>A directory of logs on a file system of a test's choice, and the words tests say about it.</summary>
internal sealed class LogRig : IDisposable
{
    /// <summary>Its fronts are taken out.</summary>
    public const string Disk = "disk";

    /// <summary>Its fronts become holes.</summary>
    public const string Memory = "memory";

    private readonly string _path;
    private readonly bool _isOwn;

    public LogRig(string where = Disk)
    {
        _isOwn = !Path.IsPathRooted(where);
        _path = _isOwn
            ? Directory.CreateDirectory(Path.Combine(
                where is Memory ? "/dev/shm" : Path.GetTempPath(), $"drover-test-{Guid.NewGuid():N}")).FullName
            : where;
        Logs = new LogDirectory(Path.Combine(_path, "logs"));
    }

    public LogDirectory Logs { get; }

    public FakeClock Clock { get; } = new();

    public List<LogNotice> Notices { get; } = [];

    /// <summary>Keeps everything, in archives of 64 KiB.</summary>
    public static LogPolicy Small { get; } = new()
    {
        MaxBytes = 64 << 10,
        MaxAge = TimeSpan.FromDays(3650),
        Keep = 100_000,
        KeepFor = TimeSpan.FromDays(3650),
        MaxArchivedBytes = long.MaxValue,
    };

    public LogKeeper Keeper(
        LogPolicy? policy = null,
        FrontRemoval? removal = null,
        Action<RotationStep>? reached = null,
        TimeProvider? time = null,
        string component = "web")
    {
        var keeper = new LogKeeper(
            Logs, time ?? Clock, Notices.Add, NullLogger<LogKeeper>.Instance, removal, reached);
        keeper.Keep(component, policy ?? Small);
        return keeper;
    }

    /// <summary>Lines of a component that numbers them.</summary>
    public static string Line(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:D8} the component says something of no importance");

    public static string Lines(int from, int count) =>
        string.Concat(Enumerable.Range(from, count).Select(number => Line(number) + "\n"));

    /// <summary>As a component does: at the end, wherever that is by now.</summary>
    public void Write(string text, string component = "web") => Write(Encoding.UTF8.GetBytes(text), component);

    public void Write(byte[] bytes, string component = "web") => File.AppendAllBytes(Logs.LiveOf(component), bytes);

    /// <summary>A process of its own that appends numbered lines as fast as it can.</summary>
    public Process StartWriter(int lines) => Process.Start(
        "sh",
        [
            "-c",
            $"exec awk 'BEGIN {{ for (i = 0; i < {lines}; i++) "
                + "printf \"%08d the component says something of no importance\\n\", i }' >> " + Logs.LiveOf("web"),
        ]);

    /// <summary>What a reader gives that does not follow.</summary>
    public List<ComponentLine> Read(LogSelection? selection = null, string component = "web") =>
        [.. Each(selection, component)];

    /// <summary>The same, one by one.</summary>
    public IEnumerable<ComponentLine> Each(LogSelection? selection = null, string component = "web")
    {
        using var reader = new LogReader(component, Logs, selection ?? new LogSelection(), Clock);
        while (reader.TryRead() is { } line)
        {
            yield return line;
        }
    }

    /// <summary>All a reader has to give now.</summary>
    public static List<ComponentLine> Drain(LogReader reader)
    {
        var lines = new List<ComponentLine>();
        while (reader.TryRead() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }

    /// <summary>What a person reads with cat, archives first; of the live file, what is no hole.</summary>
    public IEnumerable<string> RawLines(string component = "web")
    {
        var state = LogState.Read(Logs.StateOf(component)) ?? LogState.Initial;
        using var joined = new JoinedStream(
            [.. Logs.ArchivesOf(component).Select(archive => archive.Path), Logs.LiveOf(component)],
            skipInLast: state.Start - state.Base);
        using var reader = new StreamReader(joined);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    public void Dispose()
    {
        if (_isOwn)
        {
            Directory.Delete(_path, recursive: true);
        }
    }

    /// <summary>Files one after the other.</summary>
    private sealed class JoinedStream(IReadOnlyList<string> files, long skipInLast) : Stream
    {
        private int _next;
        private FileStream? _current;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            while (true)
            {
                var read = _current?.Read(buffer, offset, count) ?? 0;
                if (read > 0 || _next == files.Count)
                {
                    return read;
                }

                _current?.Dispose();
                _current = File.Open(files[_next++], FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                _current.Position = _next == files.Count ? skipInLast : 0;
            }
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _current?.Dispose();
            base.Dispose(disposing);
        }
    }
}
