using Drover.Runtime.Probing;
using Drover.Supervisor.Logs;

namespace Drover.Supervisor.Components;

/// <summary>What the instances of one component have written, in the care of the keeper of logs.</summary>
internal sealed class ComponentLog(string component, LogDirectory directory, LogKeeper keeper) : IInstanceLog
{
    private const int MaxBytes = 16 << 10;

    private long _from;

    public long From => Volatile.Read(ref _from);

    /// <summary>What probes of the log read.</summary>
    public ILogTap Tap => new LogTap(component, directory, _ => From);

    public OutputExtent Extent
    {
        get
        {
            try
            {
                return new OutputExtent(From, LogRecall.Position(directory, component));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // An end is recorded without its last lines rather than not at all.
                return default;
            }
        }
    }

    public ValueTask<IReadOnlyList<string>> LastLinesAsync(OutputExtent extent, int count) =>
        ValueTask.FromResult(LastLines(extent, count));

    public IReadOnlyList<string> LastLines(OutputExtent extent, int count)
    {
        try
        {
            return extent.To <= extent.From
                ? []
                : LogRecall.LastLines(directory, component, extent.From, extent.To, count, MaxBytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    public void Begin() => Volatile.Write(ref _from, keeper.Prepare(component));

    public void Resume(long from) => Volatile.Write(ref _from, from);
}
