using Drover.Runtime.Configuration;

namespace Drover.Runtime.Probing;

public abstract partial record ProbeTarget
{
    /// <summary>
    /// A file exists or was written lately. Use it for programs without a port: they touch a file each time round their
    /// loop (liveness, with an age) or once they are ready (an own file that they remove when they begin).
    /// </summary>
    /// <param name="Path">Absolute path of the file or directory.</param>
    /// <param name="YoungerThan">The longest time since it was written last; null asks for existence only.</param>
    public sealed record File(string Path, TimeSpan? YoungerThan = null) : ProbeTarget
    {
        internal static readonly ProbeType About = new(
            "file",
            "The file exists and, where an age is given, was written less than that ago.",
            "For programs without a port: a file touched on each round of their loop shows that they do not hang (give "
            + "an age); one made when they are ready shows that (the program must remove it when it begins).");

        /// <inheritdoc/>
        public override ProbeType Type => About;

        internal override IProbe CreateProbe(ProbeServices services) =>
            new FileProbe(Path, YoungerThan, services.Time);

        private protected override string? FaultOfValues() => this switch
        {
            _ when !System.IO.Path.IsPathFullyQualified(Path) => $"path takes an absolute path, not \"{Path}\"",
            _ when YoungerThan <= TimeSpan.Zero => "younger_than must be longer than zero",
            _ => null,
        };
    }
}

/// <summary>
/// Looks at a file. A look can hang for ever, on a network mount whose server is gone; the next ones then fail at once
/// instead of hanging beside it, so that a probe costs one thread at most.
/// </summary>
internal sealed class FileProbe(string path, TimeSpan? youngerThan, TimeProvider time) : IProbe
{
    private int _looking;

    public string Description =>
        youngerThan is { } age ? $"file {path} younger than {DurationText.Format(age)}" : $"file {path}";

    public ValueTask<ProbeReport> RunAsync(ProbeSubject subject, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _looking, 1) == 1)
        {
            return ValueTask.FromResult(
                ProbeReport.Failure($"an earlier look at \"{path}\" still hangs; does its file system answer?"));
        }

        try
        {
            return ValueTask.FromResult(Look());
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private ProbeReport Look()
    {
        try
        {
            // Unlike File.Exists this tells a file that is not there from one that may not be seen.
            _ = File.GetAttributes(path);
            return youngerThan is { } most ? Judge(most) : ProbeReport.Success($"\"{path}\" exists");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return ProbeReport.Failure($"there is no file \"{path}\"");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ProbeReport.Error($"cannot look at \"{path}\": {ForeignText.OneLine(exception.Message)}");
        }
    }

    private ProbeReport Judge(TimeSpan most)
    {
        var age = time.GetUtcNow() - new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);
        var seconds = TimeSpan.FromSeconds(Math.Floor(age.TotalSeconds));
        var when = seconds > TimeSpan.Zero ? $"{DurationText.Format(seconds)} ago" : "just now";
        return age < most
            ? ProbeReport.Success($"\"{path}\" was written {when}")
            : ProbeReport.Failure(
                $"\"{path}\" was last written {when}, which is not less than {DurationText.Format(most)}");
    }
}
