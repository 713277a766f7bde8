using Drover.Core.Components;
using Drover.Runtime.Files;
using Drover.Supervisor.Control;
using Drover.Supervisor.Daemon;
using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>Asking changes nothing: not the lock, not the records, and nobody's start.</summary>
public sealed class ReadersTests : IAsyncDisposable
{
    private readonly SupervisorBench _bench = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Own => Path.Combine(_bench.Data, "supervisor");

    private string Lock => Path.Combine(Own, "lock");

    private SupervisorDocument Document => new([_bench.Component("web").ToDocument(_bench.Directory)]);

    [Fact]
    public async Task Who_asks_at_the_same_time_while_none_runs_is_answered_each_time()
    {
        _bench.Write(_bench.Component("web"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        await _bench.KillAsync();
        for (var round = 0; round < 20; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(AskAsync, Token)));
            Assert.All(answers, answer => Assert.Equal(ComponentState.Running, answer!.Components[0].State));
        }
    }

    [Fact]
    public async Task Starts_succeed_beside_others_who_ask_all_the_time()
    {
        _bench.Write(_bench.Component("web"));
        await _bench.StartAsync();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var asking = Enumerable.Range(0, 2).Select(_ => Task.Run(() => AskOnAndOnAsync(enough.Token), Token)).ToList();
        for (var round = 0; round < 6; round++)
        {
            await _bench.UntilAsync("web", ComponentState.Running);
            await _bench.KillAsync();
            await _bench.StartAsync();
        }

        await enough.CancelAsync();
        Assert.All(await Task.WhenAll(asking), answered => Assert.True(answered > 0, "nobody was answered"));
        Assert.Single(_bench.Instances("web"));
    }

    [Fact]
    public async Task Asking_leaves_the_lock_and_every_record_as_they_are()
    {
        _bench.Write(_bench.Component("web", "exit 3"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", one => one.Restarts > 1, "two restarts");
        await _bench.KillAsync();
        string[] files = [Lock, Path.Combine(Own, "history"), Path.Combine(Own, "state", "web.state")];
        foreach (var file in files)
        {
            // As a power cut leaves it, in the middle of a record.
            await File.AppendAllTextAsync(file, "torn", Token);
        }

        var before = files.Select(File.ReadAllText).ToList();
        Assert.Equal("web", (await AskAsync())!.Components[0].Name);
        Assert.NotEmpty(RestingRecords.History(_bench.Data, component: null, 10)!);
        Assert.Equal(before, files.Select(File.ReadAllText));
    }

    [Fact]
    public async Task A_lock_can_be_looked_at_by_many_while_it_is_taken_and_let_go_of()
    {
        Assert.False(FileLock.IsHeld(Lock));
        Directory.CreateDirectory(Own);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var looking = Enumerable.Range(0, 2).Select(one => Task.Run(
            () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    _ = FileLock.IsHeld(Lock);
                }
            },
            Token)).ToList();
        for (var round = 0; round < 2000; round++)
        {
            using (FileLock.Acquire(Lock))
            {
                Assert.True(FileLock.IsHeld(Lock));
            }

            Assert.False(FileLock.IsHeld(Lock));
        }

        await enough.CancelAsync();
        await Task.WhenAll(looking);
    }

    [Fact]
    public async Task A_start_waits_a_moment_for_a_lock_that_is_about_to_be_let_go_of()
    {
        _bench.Write(_bench.Component("web"));
        Directory.CreateDirectory(Own, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var held = FileLock.Acquire(Lock);
        var options = PlayedSupervisor.OptionsOf(_bench.Directory) with { ReapsOrphans = false };
        var start = SupervisorRole.StartAsync(
            options, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, TimeProvider.System, Token);
        Assert.False(start.IsCompleted);
        held.Dispose();
        await using var role = await start;
        await role.StopAsync(Token);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private Task<SupervisorStatus?> AskAsync() => RestingStatus.ReadAsync(
        _bench.Data,
        Document,
        "1",
        () => throw new InvalidOperationException("no container is among them"),
        TimeProvider.System,
        Token);

    private async Task<int> AskOnAndOnAsync(CancellationToken enough)
    {
        var answered = 0;
        while (!enough.IsCancellationRequested)
        {
            answered += await AskAsync() is null ? 0 : 1;
            _ = RestingRecords.History(_bench.Data, component: null, 10);
            await Task.Yield();
        }

        return answered;
    }
}
