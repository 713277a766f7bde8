namespace Drover.Supervisor.Components;

/// <summary>
/// When a probe that is due then is begun: up to a fortieth of a second later, so that the probes of many components
/// share a wake-up of this process in the place of one each. What they are due next counts from when they were due, so
/// nothing adds up. One that is due soon, after a start, is not held up. Pure.
/// </summary>
internal static class ProbeBeat
{
    /// <summary>Half of what a crowd of components may delay a probe by.</summary>
    internal static readonly TimeSpan Step = TimeSpan.FromMilliseconds(25);

    /// <summary>One that is due within this is begun to the moment.</summary>
    internal static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>The first instant of the steps of the clock that is not before the one it is due.</summary>
    internal static TimeSpan Of(TimeSpan due, TimeSpan now) => due - now < Soon
        ? due
        : TimeSpan.FromTicks((due.Ticks + Step.Ticks - 1) / Step.Ticks * Step.Ticks);
}
