using Drover.Core.Fleet;

namespace Drover.Simulation.Fleet;

/// <summary>Hosts that are independent of each other, so each seed is one host; the fleet is all of them.</summary>
public sealed class FleetSimulation
{
    private const int Hosts = 2000;

    private static readonly TimeSpan Shift = TimeSpan.FromHours(3);

    // Longer than a restart grace and the time from late to offline, with the longest wait before them.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(150);

    [Fact]
    public void Over_a_lossy_link_and_server_restarts_no_running_host_is_ever_offline() =>
        Parallel.For(0, Hosts, seed =>
        {
            var (world, server, agent) = (new World(seed), default(ServerActor)!, default(HostAgentActor)!);
            server = new ServerActor(world, hostIsCloned: false);
            agent = new HostAgentActor(world, server);
            agent.Start();
            Repeat(world, 400, () => server.StopFor(world.UpTo(world.Pick(1, 60, 1800))));
            Repeat(world, 900, agent.TurnDocker);
            world.RunUntil(Shift);
            world.Require(server.Offline.Count == 0, "no false offline");
        });

    [Fact]
    public void With_agents_that_die_and_come_back_offline_is_only_said_of_a_host_that_was_down() =>
        Parallel.For(0, Hosts, seed =>
        {
            var world = new World(seed);
            var server = new ServerActor(world, hostIsCloned: false);
            var agent = new HostAgentActor(world, server);
            agent.Start();
            Repeat(world, 2000, () => server.StopFor(world.UpTo(60)));
            Repeat(world, 400, () =>
            {
                if (agent.UpSince is null)
                {
                    agent.Start();
                }
                else
                {
                    agent.KillNow();
                }
            });
            for (var step = TimeSpan.Zero; step < Shift; step += TimeSpan.FromSeconds(1))
            {
                var before = server.Offline.Count;
                world.RunUntil(step);
                var wasUpAllTheTime = agent.UpSince is { } since && world.Now - since > Settled;
                world.Require(
                    server.Offline.Count == before || !wasUpAllTheTime, "offline is only said of a host that was down");
                world.Require(
                    agent.UpSince is null || server.GivesTo(agent.Run),
                    "the one agent of a host may take commands from its first moment on");
            }
        });

    [Fact]
    public void A_host_that_dies_is_offline_soon_and_one_that_said_goodbye_never_is() => Parallel.For(0, Hosts, seed =>
    {
        var world = new World(seed);
        var server = new ServerActor(world, hostIsCloned: false);
        var agent = new HostAgentActor(world, server);
        agent.Start();
        world.RunUntil(TimeSpan.FromMinutes(5) + world.UpTo(60));
        var saysGoodbye = world.Happens(0.5);
        if (saysGoodbye)
        {
            agent.SayGoodbye();
        }
        else
        {
            agent.KillNow();
            if (world.Happens(0.5))
            {
                server.StopFor(world.UpTo(10));
            }
        }

        world.RunUntil(world.Now + Settled);
        var expected = saysGoodbye ? HostState.Goodbye : HostState.Offline;
        world.Require(server.State == expected, $"the host is {expected}, not {server.State}");
    });

    [Fact]
    public void A_cloned_host_is_seen_within_minutes() => Parallel.For(0, Hosts, seed =>
    {
        var world = new World(seed);
        var server = new ServerActor(world, hostIsCloned: true);
        var original = new HostAgentActor(world, server);
        original.Start();
        world.RunUntil(TimeSpan.FromMinutes(3) + world.UpTo(60));

        var clone = new HostAgentActor(world, server);
        clone.Start(storedRun: 0);
        world.RunUntil(world.Now + TimeSpan.FromMinutes(5));
        world.Require(server.SawClone, "a cloned host is seen");
        world.Require(server.Offline.Count == 0, "no false offline beside a clone");
        world.Require(
            server.GivesTo(clone.Run) && !server.GivesTo(original.Run), "one of the two machines is given commands");
    });

    private static void Repeat(World world, double upTo, Action action) => world.After(world.UpTo(upTo), () =>
    {
        if (world.Now < Shift)
        {
            action();
            Repeat(world, upTo, action);
        }
    });
}
