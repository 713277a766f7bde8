using Drover.Core.Components;

namespace Drover.Supervisor.Tests.Components;

/// <summary>An event is part of the record of the step that decided it until it is kept for the server.</summary>
public sealed class EventOutboxTests : IAsyncDisposable
{
    private readonly RunnerBench _bench = new() { KeepsEvents = true };

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task What_was_decided_and_not_kept_is_told_again_by_the_next_life_under_the_same_mark()
    {
        await StartedAsync();
        await _bench.EndAsync(new EndCause.Exit(3));
        var told = _bench.Told;
        Assert.Contains(told, one => one.Type.Name == "component.exited");
        Assert.Equal(told.Select(one => one.Mark!.Number), _bench.OnDisk()!.Events!.Select(one => one.Number));

        await _bench.KillAndStartAgainAsync();
        var again = _bench.Told.Skip(told.Count).TakeWhile(one => one.IsRepeated).ToList();

        Assert.Equal(
            told.Select(one => (one.Mark, one.At, one.Type)), again.Select(one => (one.Mark, one.At, one.Type)));
        var stream = told[0].Mark!.Stream;
        Assert.All(_bench.Told.Skip(told.Count + again.Count), one => Assert.NotEqual(stream, one.Mark!.Stream));
    }

    [Fact]
    public async Task What_was_kept_leaves_the_record_with_the_next_step_and_is_not_told_again()
    {
        await StartedAsync();
        foreach (var one in _bench.Told)
        {
            one.Settled!();
        }

        var kept = _bench.Told.Count;
        await _bench.EndAsync(new EndCause.Exit(3));
        var left = _bench.Told.Skip(kept).ToList();
        Assert.Equal(left.Select(one => one.Mark!.Number), _bench.OnDisk()!.Events!.Select(one => one.Number));

        await _bench.KillAndStartAgainAsync();
        Assert.Equal(
            left.Select(one => one.Mark), _bench.Told.Where(one => one.IsRepeated).Select(one => one.Mark));
    }

    [Fact]
    public async Task However_long_nothing_is_kept_a_record_holds_a_bounded_number_and_the_newest()
    {
        await StartedAsync();
        for (var round = 0; round < 60; round++)
        {
            await _bench.OrderAsync(new Input.Stop(default));
            await _bench.OrderAsync(new Input.Start(default));
        }

        Assert.True(_bench.Told.Count > 64);
        Assert.Equal(
            _bench.Told.TakeLast(64).Select(one => one.Mark!.Number),
            _bench.OnDisk()!.Events!.Select(one => one.Number));
    }

    [Fact]
    public async Task Without_a_server_no_event_is_written_down()
    {
        _bench.KeepsEvents = false;
        await StartedAsync();
        Assert.NotEmpty(_bench.Told);
        Assert.All(_bench.Told, one => Assert.Null(one.Mark));
        Assert.Null(_bench.OnDisk()!.Events);
    }

    private async Task StartedAsync()
    {
        await _bench.StartAsync();
        await _bench.OrderAsync(new Input.Start(default));
    }
}
