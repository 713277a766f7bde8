using System.Collections.Concurrent;
using System.Text.Json;
using Drover.Runtime.Docker;
using Drover.Testing.Agents;
using Drover.Testing.Docker;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Tests.Start;

/// <summary>A whole agent whose data directory has no room left, and then has again.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<ReportRequest> _reports = new();
    private readonly SmallDisk _disk = new(megabytes: 32);
    private AgentBench _bench = null!;
    private FakeContainer _web = null!;

    public async ValueTask InitializeAsync()
    {
        _bench = await AgentBench.SetUpAsync();
        _bench.Server.NextIn = 1;
        _bench.Server.Reported = _reports.Enqueue;
        _web = _bench.Engine.AddContainer("web", web => web.StartedAt = new EngineTimestamp(1_600_000_000, 0));
        await _bench.StartAsync(_bench.Options() with { DataDirectory = Path.Combine(_disk.Path, "data") });
        await AgentBench.UntilAsync(
            () => _bench.Server.Find("web") is not null && _bench.Engine.EventListeners > 0
                && new FileInfo(Path.Combine(_disk.Path, "data/agent/ledger")).Length > 0,
            "the agent at work");
        _disk.Fill();
    }

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        _disk.Dispose();
    }

    [Fact]
    public async Task An_action_is_refused_with_a_sentence_and_looking_still_works()
    {
        var refused = await ExecuteAsync("cmd_1", CommandTypes.Restart);
        Assert.Equal(ReportRequest.Failed, refused.Status);
        Assert.Contains("cannot write its journal", refused.Error, StringComparison.Ordinal);
        Assert.Contains("free disk space", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(_bench.Engine.Requests, one => one.EndsWith("/restart", StringComparison.Ordinal));

        Assert.Equal(ReportRequest.Success, (await ExecuteAsync("cmd_2", CommandTypes.Health)).Status);

        _disk.Free();
        Assert.Equal(ReportRequest.Success, (await ExecuteAsync("cmd_3", CommandTypes.Restart)).Status);
    }

    [Fact]
    public async Task Nothing_stops_for_good_and_what_was_lost_is_told_with_its_number()
    {
        const int Ooms = 6000;
        for (var count = 0; count < Ooms; count++)
        {
            _bench.Engine.EmitEvent("oom", _web);
        }

        var beats = _bench.Server.Heartbeats.Count;
        _bench.Engine.AddContainer("late");
        await AgentBench.UntilAsync(() => _bench.Server.Find("late") is not null, "an inventory with a full disk");
        await AgentBench.UntilAsync(() => _bench.Server.Heartbeats.Count > beats, "a heartbeat with a full disk");
        Assert.Empty(_bench.Server.Events);

        _disk.Free();
        await AgentBench.UntilAsync(
            () => _bench.Server.Events.Any(one => one is { Type: "container.created", Subject: "late" }),
            "what the lost events would have told");

        // The creation of that container was one of the events lost.
        Assert.Equal(Ooms + 1, _bench.Server.Events.Count(one => one.Type == "container.oom") + Lost());
    }

    private long Lost() => _bench.Server.Events.Where(one => one.Type == "alert.loss")
        .Sum(one => one.Data!.Value.GetProperty("dropped").GetInt64());

    private async Task<ReportRequest> ExecuteAsync(string commandId, string type)
    {
        _bench.Server.Orders.Enqueue(new CommandDto(
            commandId, commandId, "hash", type, CommandStates.Leased, "normal",
            JsonDocument.Parse("""{"app_code":"web"}""").RootElement, null, null, "alice",
            DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, 300, null));
        await AgentBench.UntilAsync(() => _reports.Any(report => report.CommandId == commandId), "a report");
        return _reports.First(report => report.CommandId == commandId);
    }
}
