namespace Drover.Supervisor.Logs;

/// <summary>Where the lines of one component come from: a file, a container.</summary>
internal interface ILogSource
{
    /// <summary>Whose.</summary>
    string Component { get; }

    /// <summary>Begins a reading; nothing is asked before its first step.</summary>
    ILogReading Open(LogSelection selection);
}

/// <summary>One reading of one log. Not thread-safe.</summary>
internal interface ILogReading : IAsyncDisposable
{
    /// <summary>
    /// The next line. Null for the first time when all is given that was there when the reading began; from then on
    /// it answers at once, with null when there is nothing new (which it stays if following was not asked for).
    /// </summary>
    ValueTask<ComponentLine?> TryReadAsync(CancellationToken cancellationToken);
}
