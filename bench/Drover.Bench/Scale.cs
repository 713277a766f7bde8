namespace Drover.Bench;

/// <summary>How much is measured. Only a full run is worth keeping.</summary>
internal sealed record Scale(
    int Containers,
    TimeSpan Settling,
    TimeSpan Window,
    int Restarts,
    int Orders,
    int Hosts,
    int ContainersPerHost,
    int StormHosts)
{
    /// <summary>What the budgets speak of.</summary>
    public static readonly Scale Full =
        new(100, TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(60), 100, 200, 100, 100, 1000)
        {
            Kills = 200,
            Components = [1, 10, 100],
            AfterWork = TimeSpan.FromSeconds(150),
            Crowd = 100,
            LoadRounds = 5,
            LoadLength = TimeSpan.FromSeconds(3),
            WarmUp = TimeSpan.FromSeconds(15),
            LoadedFor = TimeSpan.FromMinutes(6),
            Sockets = 10_000,
            Wakes = 10,
        };

    /// <summary>Shows in a few minutes that every measurement runs (<c>--small</c>).</summary>
    public static readonly Scale Small =
        new(5, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), 5, 10, 10, 10, 50)
        {
            Kills = 6,
            Components = [1, 5],
            AfterWork = TimeSpan.FromSeconds(10),
            Crowd = 10,
            LoadRounds = 1,
            LoadLength = TimeSpan.FromSeconds(1),
            WarmUp = TimeSpan.FromSeconds(5),
            LoadedFor = TimeSpan.FromSeconds(12),
            Sockets = 1_000,
            Wakes = 1,
        };

    /// <summary>Kills of a supervised process.</summary>
    public required int Kills { get; init; }

    /// <summary>How many components supervisors keep while their memory is measured.</summary>
    public required IReadOnlyList<int> Components { get; init; }

    /// <summary>From the last that a supervisor was made to do to the measurement of what it left in memory.</summary>
    public required TimeSpan AfterWork { get; init; }

    /// <summary>Components of which half crash.</summary>
    public required int Crowd { get; init; }

    /// <summary>How often each proxy gets each load, in turn with the others.</summary>
    public required int LoadRounds { get; init; }

    /// <summary>How long one load lasts.</summary>
    public required TimeSpan LoadLength { get; init; }

    /// <summary>Load before anything is measured: what compiles as it runs has done so.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>How long memory is watched under half load.</summary>
    public required TimeSpan LoadedFor { get; init; }

    /// <summary>How often an agent is woken in each way.</summary>
    public required int Wakes { get; init; }

    /// <summary>WebSockets that are open and silent.</summary>
    public required int Sockets { get; init; }
}
