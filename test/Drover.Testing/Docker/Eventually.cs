namespace Drover.Testing.Docker;

/// <summary>Waits on a condition with a deadline, for what a real engine does in its own time.</summary>
public static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Limit)
            {
                throw new TimeoutException($"waited {Limit.TotalSeconds} s in vain: {what}");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }
}
