using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Drover.Testing.Agents;
using Drover.Testing.Docker;
using Drover.Testing.Server;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Server.Tests;

public sealed class StartTests
{
    [Fact]
    public async Task A_second_server_on_one_data_directory_is_refused_with_the_first_ones_process_id()
    {
        await using var server = await ServerFixture.StartAsync();

        var failure = await Assert.ThrowsAsync<ServerStartException>(() => StartAsync(server.Options()));

        Assert.Contains(
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture), failure.Message, StringComparison.Ordinal);
        Assert.Contains(server.DataDirectory, failure.Message, StringComparison.Ordinal);
        Assert.Empty(await server.OnSocket().HostsAsync());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_and_everything_is_let_go()
    {
        using var directory = new TemporaryDirectory();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var options = new ServerOptions { DataDirectory = directory.Path, Listen = taken.LocalEndpoint.ToString()! };

        var failure = await Assert.ThrowsAsync<ServerStartException>(() => StartAsync(options));
        Assert.Contains(options.Listen, failure.Message, StringComparison.Ordinal);
        Assert.Contains("server.listen", failure.Message, StringComparison.Ordinal);

        await using var server = await StartAsync(options with { Listen = "127.0.0.1:0" });
        Assert.NotEqual(0, server.Address.Port);
    }

    [Fact]
    public async Task A_data_directory_that_is_a_file_is_told()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("data");
        await File.WriteAllTextAsync(path, string.Empty, TestContext.Current.CancellationToken);

        var failure = await Assert.ThrowsAsync<ServerStartException>(
            () => StartAsync(new ServerOptions { DataDirectory = path }));

        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_and_left_alone()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StopAsync();
        var path = Path.Combine(server.DataDirectory, "server.db");
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "INSERT INTO schema_version (number, name, applied_at) VALUES (999, 'future', 0)";
            command.ExecuteNonQuery();
        }

        var failure = await Assert.ThrowsAsync<ServerStartException>(server.StartAgainAsync);

        Assert.Contains("newer version", failure.Message, StringComparison.Ordinal);
        Assert.Contains("999", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_told()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StopAsync();
        foreach (var file in Directory.GetFiles(server.DataDirectory, "server.db*"))
        {
            File.Delete(file);
        }

        var path = Path.Combine(server.DataDirectory, "server.db");
        await File.WriteAllTextAsync(path, new string('x', 8192), TestContext.Current.CancellationToken);

        var failure = await Assert.ThrowsAsync<ServerStartException>(server.StartAgainAsync);

        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0:7780", "loopback")]
    [InlineData("somewhere", "server.listen")]
    [InlineData("127.0.0.1", "server.listen")]
    public void Plain_HTTP_off_loopback_and_nonsense_are_refused_by_name(string listen, string named)
    {
        var problem = Assert.Single(
            new ServerOptions { DataDirectory = "/data", Listen = listen, Tls = false }.Validate());

        Assert.Contains(named, problem, StringComparison.Ordinal);
        Assert.Contains(listen, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_option_that_is_out_of_range_is_named_at_once()
    {
        var options = new ServerOptions
        {
            DataDirectory = "relative",
            SocketPath = "/" + new string('x', 200),
            HeartbeatInterval = TimeSpan.Zero,
            EventLimit = 0,
        };

        var problems = options.Validate();

        Assert.Equal(4, problems.Count);
        Assert.Contains(problems, problem => problem.Contains("server.heartbeat_interval", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("server.socket", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stopping_server_answers_its_waiting_polls_and_stops_at_once()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        await agent.WaitAsync();
        var wait = agent.WaitAsync(60);
        using var request = new HttpRequestMessage(HttpMethod.Get, Wire.Routes.EventStream);
        await using var stream =
            await SseLines.OpenAsync(server.OnSocket(), request, TestContext.Current.CancellationToken);

        await server.PollsWaitAsync(1);

        await server.StopAsync().WaitAsync(TimeSpan.FromSeconds(9), TestContext.Current.CancellationToken);

        Assert.Null((await wait).Item);
        Assert.True(server.Role.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    [Trait("tier", "heavy")]
    public async Task A_server_that_can_store_nothing_is_not_ready_until_it_can_again()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.JoinAsync("alpha", "web");
        var people = server.OnSocket();
        var path = Path.Combine(server.DataDirectory, "server.db");
        using (var connection = new SqliteConnection($"Data Source={path};Pooling=False"))
        {
            connection.Open();
            using var holding = connection.BeginTransaction(deferred: false);
            using var refused = await people.TryOrderAsync("restart", "web");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            using var ready = await people.GetAsync(Wire.Routes.Ready, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        }

        await Eventually.TrueAsync(
            async () =>
            {
                using var ready = await people.GetAsync(Wire.Routes.Ready, TestContext.Current.CancellationToken);
                return ready.IsSuccessStatusCode;
            },
            "the server is ready again",
            TestContext.Current.CancellationToken);
    }

    private static Task<ServerRole> StartAsync(ServerOptions options) =>
        ServerRole.StartAsync(
            options, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
}
