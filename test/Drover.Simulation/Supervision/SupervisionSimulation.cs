using Drover.Core.Components;
using Drover.Core.Health;

namespace Drover.Simulation.Supervision;

public sealed class SupervisionSimulation
{
    private const int Seeds = 4000;

    private static readonly TimeSpan Day = TimeSpan.FromHours(2);

    [Fact]
    public void Whatever_happens_no_component_lives_twice_wakes_early_restarts_too_often_or_starts_after_a_stop()
    {
        var launches = 0L;
        Parallel.For(0, Seeds, seed => Interlocked.Add(ref launches, Simulate(seed)));

        // A simulation in which nothing happens proves nothing.
        Assert.True(launches > Seeds * 10, $"only {launches} launches in {Seeds} seeds");
    }

    [Fact]
    public void The_same_seed_gives_the_same_world() => Assert.Equal(Simulate(7), Simulate(7));

    private static int Simulate(int seed)
    {
        var world = new World(seed);
        var processes = new ProcessTable(world);
        var supervisor = new SupervisorActor(world, processes, Spec(world));
        supervisor.Order(new Input.Start(world.Now));
        Disturb(world, supervisor);

        // Past the last disturbance the supervisor comes up again if it is down.
        world.RunUntil(Day + TimeSpan.FromMinutes(5));
        supervisor.Order(new Input.Stop(world.Now));
        world.RunUntil(Day + TimeSpan.FromMinutes(35));
        world.Require(
            supervisor.Component.Runtime.State is ComponentState.Stopped && processes.LiveCount == 0,
            $"a stop ends in rest with nothing left: {supervisor.Component.Runtime.State}, {processes.LiveCount} live");
        return supervisor.Launches;
    }

    private static void Disturb(World world, SupervisorActor supervisor) =>
        world.After(world.UpTo(world.Pick(5, 120, 1200)), () =>
        {
            if (world.Now >= Day)
            {
                return;
            }

            if (world.Happens(0.3))
            {
                supervisor.CrashAndStartAgain();
            }
            else
            {
                supervisor.Order(world.Pick<Input>(
                    new Input.Start(world.Now),
                    new Input.Stop(world.Now),
                    new Input.Restart(world.Now),
                    new Input.Start(world.Now)));
            }

            Disturb(world, supervisor);
        });

    private static ComponentSpec Spec(World world) => new()
    {
        Restart = new RestartPolicy
        {
            Mode = world.Pick(RestartMode.Always, RestartMode.Always, RestartMode.OnFailure, RestartMode.Never),
            RetryAfter = world.Pick(TimeSpan.Zero, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10)),
            Limit = world.Pick(1, 3, 10),
        },
        Health = new HealthSpec(
            world.Happens(0.5) ? new ProbeSpec { Period = TimeSpan.FromSeconds(1), FailureThreshold = 30 } : null,
            world.Happens(0.5) ? new ProbeSpec { InitialDelay = world.UpTo(20), StopGrace = world.UpTo(5) } : null,
            world.Happens(0.5) ? new ProbeSpec { SuccessThreshold = 2, Period = TimeSpan.FromSeconds(3) } : null),
    };
}
