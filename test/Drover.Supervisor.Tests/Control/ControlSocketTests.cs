using System.Net.Sockets;
using System.Text;
using Drover.Core.Components;
using Drover.Runtime.Auth;
using Drover.Supervisor.Control;
using Drover.Testing.Agents;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Tests.Control;

public sealed class ControlSocketTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeHandler _handler = new();
    private readonly string _path;
    private ControlServer? _server;

    public ControlSocketTests() => _path = _directory.File("control.sock");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_question_is_one_line_and_so_is_its_answer()
    {
        Start();
        using var socket = await ConnectAsync();
        await socket.SendAsync("{\"verb\":\"status\"}\n"u8.ToArray(), Token);
        var answer = await ReadAllAsync(socket);
        Assert.StartsWith("{\"status\":{\"version\":\"1.2.3\",\"pid\":42,", answer, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"running\"", answer, StringComparison.Ordinal);
        Assert.Single(answer, letter => letter == '\n');
    }

    [Fact]
    public async Task The_client_understands_what_the_server_says()
    {
        Start();
        var status = await new ControlClient(_path).StatusAsync(Token);
        Assert.Equal(("1.2.3", (int?)42), (status.Version, status.Pid));
        Assert.Equal(ComponentState.Running, Assert.Single(status.Components).State);
    }

    [Fact]
    public async Task A_refusal_reaches_the_caller_as_a_sentence_with_a_hint()
    {
        Start();
        var refusal = await Assert.ThrowsAsync<ControlException>(
            () => new ControlClient(_path).OrderAsync(ControlVerb.Start, "wep", TimeSpan.Zero, Token));
        Assert.Equal("cannot do that: there is no component \"wep\"", refusal.Message);
        Assert.Equal("ask", refusal.Hint);
        Assert.Equal(("wep", 0.0), (_handler.Asked[0].Component, _handler.Asked[0].WaitSeconds));
    }

    [Fact]
    public async Task Whoever_watches_sees_the_status_now_and_after_every_change()
    {
        Start();
        await using var watching = new ControlClient(_path).WatchAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await watching.MoveNextAsync());
        Assert.Equal(ComponentState.Running, watching.Current.Components[0].State);
        _handler.Become(ComponentState.Backoff);
        Assert.True(await watching.MoveNextAsync());
        Assert.Equal(ComponentState.Backoff, watching.Current.Components[0].State);
    }

    [Fact]
    public async Task Who_ordered_the_end_is_answered_although_the_socket_closes_meanwhile()
    {
        Start();
        var order = new ControlClient(_path).OrderAsync(ControlVerb.Shutdown, null, wait: null, Token);
        while (_handler.Asked.Count == 0)
        {
            await Task.Yield();
        }

        var closing = _server!.DisposeAsync();
        _handler.HasEnded.SetResult();

        Assert.True((await order).Done);
        await closing;
    }

    [Fact]
    public async Task A_caller_that_hangs_up_is_not_waited_for()
    {
        Start();
        using (var socket = await ConnectAsync())
        {
            await socket.SendAsync("{\"verb\":\"stop\"}\n"u8.ToArray(), Token);
            while (_handler.Asked.Count == 0)
            {
                await Task.Yield();
            }
        }

        await _handler.HungUp.Task.WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Theory]
    [InlineData("{\"verb\":\"status\"")]
    [InlineData("{\"verb\":\"dance\"}")]
    [InlineData("{\"verb\":3}")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("\u0000\u0001")]
    public async Task Nonsense_is_refused_in_words(string line)
    {
        Start();
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.UTF8.GetBytes(line + "\n"), Token);
        Assert.StartsWith(
            "{\"fault\":{\"message\":\"cannot understand the request",
            await ReadAllAsync(socket),
            StringComparison.Ordinal);
        Assert.Empty(_handler.Asked);
    }

    [Fact]
    public async Task A_line_without_end_is_refused_before_it_fills_the_memory()
    {
        Start();
        using var socket = await ConnectAsync();
        await socket.SendAsync(new byte[4096], Token);
        Assert.Contains("longer than 4096 bytes", await ReadAllAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_too_many_is_told_so_in_words_and_heard_again_when_there_is_room()
    {
        Start();
        var others = new List<Socket>();
        for (var one = 0; one < ControlServer.MaxConnections; one++)
        {
            others.Add(await ConnectAsync());
        }

        var refused = await Assert.ThrowsAsync<ControlException>(() => new ControlClient(_path).StatusAsync(Token));
        Assert.Equal("cannot answer: 64 others are being answered", refused.Message);
        Assert.Equal("ask again in a moment", refused.Hint);
        others.ForEach(other => other.Dispose());
        while (await StatusOrNullAsync() is null)
        {
            await Task.Delay(5, Token);
        }
    }

    [Fact]
    public async Task However_many_watch_an_order_is_heard()
    {
        Start();
        var watchers = new List<Socket>();
        for (var one = 0; one <= ControlServer.MaxWatchers; one++)
        {
            var watcher = await ConnectAsync();
            watchers.Add(watcher);
            await watcher.SendAsync("{\"verb\":\"watch\"}\n"u8.ToArray(), Token);
        }

        // One of them is one too many, and hears it as its only line.
        var first = await Task.WhenAll(watchers.Select(ReadSomeAsync));
        Assert.Single(first, said => said.Contains("48 watch already", StringComparison.Ordinal));
        Assert.Equal(42, (await new ControlClient(_path).StatusAsync(Token)).Pid);
        watchers.ForEach(watcher => watcher.Dispose());
    }

    [Fact]
    public async Task Who_watches_and_reads_no_more_loses_its_place()
    {
        var clock = new Drover.Testing.Time.FakeClock();
        Start(time: clock);
        using var watcher = await ConnectAsync();
        await watcher.SendAsync("{\"verb\":\"watch\"}\n"u8.ToArray(), Token);
        Assert.NotEmpty(await ReadSomeAsync(watcher));

        // Until the socket is full: then nothing more is told, however much changes and however much time passes.
        for (var (idle, told) = (0, 0); idle < 50; idle = told == _handler.Told ? idle + 1 : 0)
        {
            told = _handler.Told;
            _handler.Become(ComponentState.Running);
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2, Token);
        }

        Assert.NotEmpty(await ReadAllAsync(watcher).WaitAsync(TimeSpan.FromSeconds(10), Token));
    }

    [Fact]
    public void Only_the_owner_may_open_the_socket()
    {
        Start();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_path));
    }

    [Theory]
    [InlineData(1000u, 1000u, true)]
    [InlineData(0u, 1000u, true)]
    [InlineData(1001u, 1000u, false)]
    [InlineData(1000u, 0u, false)]
    public void The_user_that_runs_it_and_root_are_answered_and_nobody_else(uint asking, uint owner, bool answered)
    {
        Assert.Equal(answered, ControlServer.MayAsk(new PeerCredentials(1, asking, asking), owner));
    }

    [Fact]
    public async Task A_socket_left_behind_by_a_killed_supervisor_is_harmless()
    {
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint(_path));

            // The base library removes the file of a socket it closes; a killed process removes nothing.
            File.Move(_path, _path + ".kept");
        }

        File.Move(_path + ".kept", _path);

        Assert.True(File.Exists(_path));
        await Assert.ThrowsAsync<SupervisorNotRunningException>(() => new ControlClient(_path).StatusAsync(Token));
        Start();
        Assert.Equal(42, (await new ControlClient(_path).StatusAsync(Token)).Pid);
    }

    [Fact]
    public async Task Where_nobody_ever_listened_the_caller_is_told_how_to_start_one()
    {
        var missing = await Assert.ThrowsAsync<SupervisorNotRunningException>(
            () => new ControlClient(_directory.File("none/control.sock")).StatusAsync(Token));
        Assert.Equal("start it with: drover supervisor start", missing.Hint);
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_is_refused_on_both_sides_in_words()
    {
        var path = _directory.File(new string('x', 100));
        var server = Assert.Throws<SupervisorStartException>(() => Start(path));
        Assert.EndsWith(
            "the system allows 107; choose a shorter data directory", server.Message, StringComparison.Ordinal);
        var client = await Assert.ThrowsAsync<ControlException>(() => new ControlClient(path).StatusAsync(Token));
        Assert.Equal(server.Message, client.Message);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _directory.Dispose();
    }

    private void Start(string? path = null, uint? owner = null, TimeProvider? time = null) =>
        _server = ControlServer.Start(
            path ?? _path, _handler, time ?? TimeProvider.System, NullLogger.Instance, owner ?? CurrentUser.Id);

    private async Task<SupervisorStatus?> StatusOrNullAsync()
    {
        try
        {
            return await new ControlClient(_path).StatusAsync(Token);
        }
        catch (ControlException)
        {
            return null;
        }
    }

    private static async Task<string> ReadSomeAsync(Socket socket)
    {
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, await socket.ReceiveAsync(buffer, Token));
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), Token);
        return socket;
    }

    private static async Task<string> ReadAllAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Token);
    }
}
