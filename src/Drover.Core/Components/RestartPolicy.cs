using Drover.Core.Backoff;

namespace Drover.Core.Components;

/// <summary>After which ends a component is started again.</summary>
public enum RestartMode
{
    /// <summary>After every end.</summary>
    Always,

    /// <summary>After every end but exit code 0.</summary>
    OnFailure,

    /// <summary>Never.</summary>
    Never,
}

/// <summary>
/// When and how often a component is started again. After a run of at least <see cref="MinUptime"/> the first restart
/// is immediate and counts; any other waits as <see cref="Backoff"/> says; a good run resets the delay. At most
/// <see cref="Limit"/> restarts within <see cref="Window"/>, then <c>failed</c> and one try after
/// <see cref="RetryAfter"/>, which counts like any restart. Source: the project's wire page, "Restart".
/// </summary>
public sealed record RestartPolicy
{
    /// <summary>After which ends.</summary>
    public RestartMode Mode { get; init; } = RestartMode.Always;

    /// <summary>A run at least this long is a good one.</summary>
    public TimeSpan MinUptime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The delays after runs that were not good.</summary>
    public BackoffPolicy Backoff { get; init; } = BackoffPolicy.Default;

    /// <summary>The most restarts within the window.</summary>
    public int Limit { get; init; } = 10;

    /// <summary>The stretch of time over which restarts are counted; it slides.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long after <c>failed</c> one try is made, or later, when the limit has room for a restart again; zero for
    /// never. From <see cref="Window"/> up there always is room.
    /// </summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>True when the policy restarts after that cause, limits aside.</summary>
    public bool RestartsAfter(EndCause cause) => Mode switch
    {
        RestartMode.Always => true,
        RestartMode.OnFailure => cause.IsFailure,
        RestartMode.Never => false,
    };

    /// <summary>Why these values cannot be used, naming the key; null when they can.</summary>
    public string? Fault() => this switch
    {
        _ when MinUptime < TimeSpan.Zero => "min_uptime must not be negative",
        _ when Limit < 1 => "limit must be at least 1; use restart: never to forbid restarts",
        _ when Window <= TimeSpan.Zero => "window must be longer than zero",
        _ when RetryAfter < TimeSpan.Zero => "retry_after must not be negative; 0 means never",
        _ => null,
    };
}
