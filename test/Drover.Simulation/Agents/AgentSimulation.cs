using Drover.Core.Agents;

namespace Drover.Simulation.Agents;

/// <summary>
/// Hours of an agent on demand: clients, operators, others who need its room, somebody who scales behind the gateway's
/// back, crashes, images that are missing, an engine that goes away.
/// </summary>
public sealed class AgentSimulation
{
    private const int Seeds = 1000;

    private static readonly TimeSpan Day = TimeSpan.FromHours(1);

    [Fact]
    public void Whatever_happens_no_work_is_cut_no_wake_is_double_or_endless_and_no_request_goes_where_nobody_is()
    {
        var (wakes, served) = (0L, 0L);
        Parallel.For(0, Seeds, seed =>
        {
            var gateway = Simulate(seed);
            Interlocked.Add(ref wakes, gateway.Wakes);
            Interlocked.Add(ref served, gateway.Served);
        });

        // A simulation in which nothing happens proves nothing.
        Assert.True(wakes > Seeds * 5 && served > Seeds * 20, $"only {wakes} wakes and {served} requests served");
    }

    [Fact]
    public void The_same_seed_gives_the_same_world() => Assert.Equal(Simulate(7).Served, Simulate(7).Served);

    private static GatewayActor Simulate(int seed)
    {
        var world = new World(seed);
        var swarm = new SwarmActor(world);
        var spec = new AgentSpec
        {
            Policy = AgentPolicy.OnDemand,
            IdleTimeout = TimeSpan.FromSeconds(world.Pick(30, 120)),
            DozeAfter = world.Happens(0.5) ? TimeSpan.FromSeconds(10) : null,
            DrainTimeout = TimeSpan.FromSeconds(world.Pick(1, 30)),
            StartupTimeout = TimeSpan.FromSeconds(world.Pick(3, 30)),
            OpenWebSocketsCount = world.Happens(0.3),
        };
        var gateway = new GatewayActor(world, swarm, spec);
        swarm.Scale(world.Pick(0, 0, 1));
        Disturb(world, swarm, gateway);
        world.RunUntil(Day);

        // Nobody disturbs it any more, and nobody wants it: it sleeps, and the next who comes is served.
        (swarm.Failing, swarm.IsQuick) = (0, true);
        swarm.SetReachable(true);
        world.RunUntil(Day + TimeSpan.FromMinutes(10));
        world.Require(
            gateway.Runtime is { Phase: AgentPhase.Asleep, Order: null } && swarm.Replicas == 0 && !gateway.IsUsed,
            $"at rest it sleeps: {gateway.Runtime.Phase}, {swarm.Replicas} replicas");
        world.Require(gateway.Sleepers == 0, "everybody who wanted it asleep was answered");
        var served = gateway.Served;
        for (var second = 0; second < 120; second++)
        {
            world.After(TimeSpan.FromSeconds(second), gateway.Request);
        }

        world.RunUntil(Day + TimeSpan.FromMinutes(12));
        world.Require(gateway.Served > served, "whoever comes back is served in the end");
        return gateway;
    }

    private static void Disturb(World world, SwarmActor swarm, GatewayActor gateway) =>
        world.After(world.UpTo(world.Pick(0.05, 2, 60, 200)), () =>
        {
            if (world.Now >= Day)
            {
                return;
            }

            switch (world.Chance.Next(24))
            {
                case 0:
                    gateway.Sleep(SleepCause.Operator);
                    break;
                case 1:
                    gateway.Sleep(SleepCause.Capacity);
                    break;
                case 2:
                    gateway.Wake();
                    break;
                case 3:
                    swarm.Crash();
                    break;
                case 4 when swarm.IsReachable:
                    swarm.Scale(world.Pick(0, 1));
                    break;
                case 5:
                    swarm.SetReachable(false);
                    world.After(world.UpTo(world.Pick(1, 20)), () => swarm.SetReachable(true));
                    break;
                default:
                    gateway.Request();
                    break;
            }

            Disturb(world, swarm, gateway);
        });
}
