using Drover.Testing.Time;

namespace Drover.Server.Tests;

/// <summary>
/// Moves a clock in steps, as time really passes, so that loops which look every second are not skipped over.
/// </summary>
internal static class Clocks
{
    public static async Task PassAsync(this FakeClock clock, TimeSpan time)
    {
        for (var second = 0; second < (int)time.TotalSeconds; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            // The loops that woke go to sleep again on the pool's threads; each look is a few microseconds.
            var before = clock.ArmedTimers;
            for (var turn = 0; turn < 50 && clock.ArmedTimers <= before; turn++)
            {
                await Task.Yield();
            }
        }
    }
}
