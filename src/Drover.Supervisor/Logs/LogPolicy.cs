using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Logs;

/// <summary>How much of a component's output is kept, and in what portions.</summary>
internal sealed record LogPolicy
{
    /// <summary>16 MiB or a day in the live file, seven archives, for a week.</summary>
    public static LogPolicy Default { get; } = new();

    /// <summary>What the user's file asks for: no bound of ours takes an archive that it wants kept.</summary>
    public static LogPolicy Of(LogDocument log) => new()
    {
        MaxBytes = log.MaxBytes,
        MaxAge = log.MaxAge,
        Keep = log.Keep,
        KeepFor = log.KeepFor,
        MaxArchivedBytes = log.MaxBytes * Math.Max(1, log.Keep),
    };

    /// <summary>The front of the live file becomes an archive when the file holds this much; no archive holds
    /// more.</summary>
    public long MaxBytes { get; init; } = 16L << 20;

    /// <summary>It becomes an archive, too, when its oldest line is this old.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Archives of one component; the oldest go.</summary>
    public int Keep { get; init; } = 7;

    /// <summary>An archive older than this goes.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Bytes of all archives of one component together.</summary>
    public long MaxArchivedBytes { get; init; } = 128L << 20;

    /// <summary>Bytes behind the newest that are kept at least; older ones are not even made an archive.</summary>
    public long MaxKeptBytes => MaxBytes + (Keep == 0 ? 0 : Math.Min(MaxBytes * Keep, MaxArchivedBytes));

    /// <summary>Where the live file cannot be shortened: above this it is told that it is too large.</summary>
    public long MaxUnrotatedBytes => MaxBytes * (Keep + 1L);
}
