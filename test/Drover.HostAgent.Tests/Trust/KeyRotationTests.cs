using System.Text.Json;
using Drover.Testing.Agents;
using Drover.Wire;
using Drover.Wire.Agents;

namespace Drover.HostAgent.Tests.Trust;

/// <summary>A new key the server ordered is on disk before the server hears of it.</summary>
public sealed class KeyRotationTests : IAsyncLifetime
{
    private AgentBench _bench = null!;

    public async ValueTask InitializeAsync()
    {
        _bench = await AgentBench.SetUpAsync();
        _bench.Server.NextIn = 1;
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task An_ordered_key_is_made_given_and_used_and_nothing_is_refused_meanwhile()
    {
        await _bench.StartAsync();
        await AgentBench.UntilAsync(() => !_bench.Server.Heartbeats.IsEmpty, "a heartbeat");
        var old = Saved().Key;

        _bench.Server.OrdersKey = true;
        await AgentBench.UntilAsync(() => !_bench.Server.OrdersKey, "the host signs with the new key");

        Assert.Equal((_bench.Server.GivenKeys.Single(), null), (Saved().Key, Saved().NextKey));
        Assert.NotEqual(old, Saved().Key);
        Assert.Empty(_bench.Server.Forgeries);
    }

    [Fact]
    public async Task A_lost_answer_costs_nothing_the_same_key_is_given_again()
    {
        await _bench.StartAsync();
        await AgentBench.UntilAsync(() => !_bench.Server.Heartbeats.IsEmpty, "a heartbeat");
        _bench.Server.LoseAnswer(Routes.AgentKey);
        _bench.Server.OrdersKey = true;
        await AgentBench.UntilAsync(() => !_bench.Server.OrdersKey, "the host signs with the new key");

        Assert.Equal(2, _bench.Server.GivenKeys.Count);
        Assert.Single(_bench.Server.GivenKeys.Distinct());
        Assert.Empty(_bench.Server.Forgeries);
    }

    [Fact]
    public async Task An_agent_that_ends_between_two_steps_goes_on_with_the_same_key()
    {
        var agent = await _bench.StartAsync();
        await AgentBench.UntilAsync(() => !_bench.Server.Heartbeats.IsEmpty, "a heartbeat");
        for (var attempt = 0; attempt < 200; attempt++)
        {
            _bench.Server.AnswerOnce(Routes.AgentKey, 503);
        }

        _bench.Server.OrdersKey = true;
        await AgentBench.UntilAsync(() => Saved().NextKey is not null, "the new key is on disk");
        var (key, next) = (Saved().Key, Saved().NextKey);
        Assert.Empty(_bench.Server.GivenKeys);
        await _bench.KillAsync(agent);
        Assert.Equal((key, next), (Saved().Key, Saved().NextKey));

        _bench.Server.ForgetScript(Routes.AgentKey);
        await _bench.StartAsync(_bench.Options() with { EnrollToken = null });
        await AgentBench.UntilAsync(() => !_bench.Server.OrdersKey, "the host signs with the new key");
        Assert.Equal(next, Saved().Key);
        Assert.Empty(_bench.Server.Forgeries);
    }

    private AgentCredentials Saved() =>
        JsonSerializer.Deserialize(
            File.ReadAllBytes(_bench.Data.File("agent.json")), WireJson.Default.AgentCredentials)!;
}
