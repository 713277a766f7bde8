using Drover.Core.Trust;
using Drover.HostAgent.Transport;
using Drover.Runtime.Docker;
using Drover.Runtime.Scheduling;
using Drover.Runtime.Tls;
using Drover.Runtime.Uplink.Enrollment;
using Drover.Runtime.Uplink.Transport;
using Drover.Testing.Server;
using Drover.Wire.Agents;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;

namespace Drover.Bench.Fleet;

/// <summary>
/// A host as its server knows it: the host agent's own client, signatures and pauses, over connections of its own, and
/// containers that exist in its messages alone.
/// </summary>
internal sealed class SimulatedHost : IDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(30);

    private readonly SignedClient _signed;
    private readonly ServerClient _client;
    private readonly FleetLedger _ledger;
    private readonly Random _random;
    private readonly ContainerDto[] _containers;
    private readonly long _run = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
    private string? _hash;
    private long _beats;
    private long _syncs;
    private long _events;

    private SimulatedHost(AgentIdentity identity, FleetLedger ledger, string name, int containers, int seed)
    {
        var time = TimeProvider.System;
        _signed = new SignedClient(
            identity, ServerConnection.Create(identity.Server, new ServerTrust(), time), new ServerClock(time), time);
        _client = new ServerClient(_signed);
        _ledger = ledger;
        _random = new Random(seed);
        _containers = [.. Enumerable.Range(0, containers).Select(number => Containers.Running($"{name}-app-{number}"))];
    }

    public static async Task<SimulatedHost> EnrollAsync(
        Uri server, string token, FleetLedger ledger, int number, int containers, CancellationToken cancellationToken)
    {
        var name = $"host-{number:0000}";
        var key = AgentKey.Create();
        var time = TimeProvider.System;
        using var enrollment = new EnrollmentClient(ServerConnection.Create(server, new ServerTrust(), time), time);
        var answer = await enrollment.EnrollAsync(
            new EnrollRequest(
                token, name, name, "Debian", "x86_64", "20.10", key.Reveal(), AgentKinds.HostAgent, "bench"),
            cancellationToken);
        var identity = new AgentIdentity(server, answer.HostId, answer.DeploymentHash, key);
        return new SimulatedHost(identity, ledger, name, containers, number);
    }

    /// <summary>Sends everything it has.</summary>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        _hash = Containers.HashOf(_containers);
        await _client.SyncAsync(
            new InventoryRequest(
                _run, ++_syncs, true, null, _hash, null, [.. _containers.Select(Containers.Json)], []),
            cancellationToken);
    }

    /// <summary>Beats and asks for commands until cancelled, whatever the server does.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        LoopAsync(BeatAsync, new RetryPacer(TimeSpan.FromSeconds(1), Poll, new Random(_random.Next())),
            cancellationToken),
        LoopAsync(WaitAsync, new RetryPacer(TimeSpan.FromSeconds(1), Poll, new Random(_random.Next())),
            cancellationToken));

    /// <summary>One of its containers is restarted: a change and two events.</summary>
    public async Task RestartOneAsync(CancellationToken cancellationToken)
    {
        var index = _random.Next(_containers.Length);
        var before = _hash;
        var now = TimeProvider.System.GetUtcNow();
        _containers[index] = _containers[index] with
        {
            StartedAt = EngineTimestamp.From(now).ToString(),
            RestartCount = (_containers[index].RestartCount ?? 0) + 1,
        };
        _hash = Containers.HashOf(_containers);
        var changed = _containers[index];
        await _client.SyncAsync(
            new InventoryRequest(
                _run, ++_syncs, false, before, _hash, null, [Containers.Json(changed)], []),
            cancellationToken);
        AgentEventDto[] told =
        [
            new("container.died", now, changed.Name, "warning", null),
            new("container.started", now, changed.Name, "info", null),
        ];
        await _signed.SendEventsAsync(new AgentEventsRequest(_run, _events + 1, told), cancellationToken);
        _events += told.Length;
    }

    public void Dispose() => _signed.Dispose();

    private async Task<TimeSpan> BeatAsync(CancellationToken cancellationToken)
    {
        var answer = await _signed.HeartbeatAsync(
            new HeartbeatRequest(
                _run, ++_beats, _hash, DockerStates.Up, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()),
            cancellationToken);
        _ledger.Beaten(this);

        // Spread as a fleet that was not started by one hand.
        return _beats == 1
            ? TimeSpan.FromSeconds(_random.NextDouble() * answer.NextIn)
            : TimeSpan.FromSeconds(answer.NextIn);
    }

    private async Task<TimeSpan> WaitAsync(CancellationToken cancellationToken)
    {
        await _client.WaitAsync(Poll, WaitScopes.All, _run, cancellationToken);
        return TimeSpan.Zero;
    }

    private async Task LoopAsync(
        Func<CancellationToken, Task<TimeSpan>> stepAsync, RetryPacer pacer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var began = TimeProvider.System.GetTimestamp();
            TimeSpan pause;
            try
            {
                pause = await stepAsync(cancellationToken);
                pacer.Reset();
            }
            catch (ServerCallException error)
            {
                _ledger.Failed(error, began);
                pause = pacer.Next(error.RetryAfter);
            }

            await Task.Delay(pause, cancellationToken);
        }
    }
}
