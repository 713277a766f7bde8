using Drover.Testing.Time;

namespace Drover.Server.Tests;

/// <summary>
/// Moves a clock in steps, as time really passes, so that loops which look every second are not skipped over.
/// </summary>
internal static class Clocks
{
    private const int Turns = 50;

    // Reached only by what never sleeps again, and by loops on a machine that has no time for them.
    private const int Waits = 100;

    public static async Task PassAsync(this FakeClock clock, TimeSpan time)
    {
        for (var second = 0; second < (int)time.TotalSeconds; second++)
        {
            var asleep = clock.ArmedTimers;
            clock.Advance(TimeSpan.FromSeconds(1));
            // The loops that woke have done their work when they sleep again.
            for (var turn = 0; turn < Turns + Waits && clock.ArmedTimers < asleep; turn++)
            {
                if (turn < Turns)
                {
                    await Task.Yield();
                }
                else
                {
                    await Task.Delay(1);
                }
            }
        }
    }
}
