using Drover.HostAgent.Legacy;
using Drover.Runtime.Tls;
using Drover.Runtime.Uplink.Transport;
using Drover.Testing.Agents;
using Drover.Testing.Legacy;
using Drover.Testing.Time;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.HostAgent.Tests.Legacy;

public sealed class LegacyClientTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeClock _clock = new();
    private ScriptedStacker _server = null!;
    private LegacyClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedStacker.StartNewAsync();
        WriteToken(_server.Token);
        var options = new LegacyOptions(_server.AgentId, _server.DeploymentHash, _directory.File("token"));
        _client = new LegacyClient(
            _server.Address,
            options,
            LegacyToken.Open(options.TokenFile, NullLogger<LegacyToken>.Instance),
            ServerConnection.Create(_server.Address, new ServerTrust(), TimeProvider.System),
            _clock);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(401, "")]
    [InlineData(403, """{"message":"Not authorized for this deployment"}""")]
    [InlineData(400, """{"message":"Invalid agent token"}""")]
    [InlineData(400, """{"message":"Agent not found"}""")]
    [InlineData(400, """{"message":"Invalid agent ID format"}""")]
    [InlineData(400, """{"message":"Authorization header required for agent"}""")]
    [InlineData(400, """{"message":"Invalid Authorization header format"}""")]
    [InlineData(400, """{"message":"Token not found in Vault: no such secret"}""")]
    public async Task A_refused_token_is_a_refusal_whatever_status_tells_it(int status, string body)
    {
        _server.AnswerOnce(StackerRequest.Report, status, body);
        var error = await FailureAsync();
        Assert.Equal((ServerFailure.Refused, (int?)status), (error.Failure, error.Status));
        Assert.Single(_server.Requests);
        Assert.DoesNotContain(_server.Token, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, """{"message":"result payload is required"}""", "Rejected")]
    [InlineData(400, "", "Rejected")]
    [InlineData(404, """{"message":"Command not found"}""", "Rejected")]
    [InlineData(404, "<html>", "Rejected")]
    [InlineData(408, "", "Unreachable")]
    [InlineData(429, "", "Unreachable")]
    [InlineData(500, "", "Unreachable")]
    [InlineData(502, "<html>a proxy</html>", "Unreachable")]
    public async Task Every_other_refusal_says_whether_asking_again_can_help(int status, string body, string failure)
    {
        _server.AnswerOnce(StackerRequest.Report, status, body);
        Assert.Equal(failure, (await FailureAsync()).Failure.ToString());
    }

    [Fact]
    public async Task A_new_token_in_the_file_is_tried_at_once_and_kept()
    {
        _server.Token = ScriptedStacker.NewToken();
        WriteToken(_server.Token);
        await _client.WaitAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        await _client.WaitAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Equal(3, _server.Requests.Count);
    }

    [Fact]
    public async Task The_same_token_in_the_file_is_not_tried_a_second_time()
    {
        _server.Token = ScriptedStacker.NewToken();
        Assert.Equal(ServerFailure.Refused, (await FailureAsync()).Failure);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task Calls_that_are_refused_together_share_one_look_into_the_file()
    {
        _server.Token = ScriptedStacker.NewToken();
        WriteToken(_server.Token);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(
            _ => _client.WaitAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken)));
        var bearers = _server.Requests.Select(request => request.Headers["Authorization"]).ToList();
        Assert.Equal(8, bearers.Count(bearer => bearer == "Bearer " + _server.Token));
        Assert.InRange(bearers.Count, 9, 16);
    }

    [Fact]
    public async Task A_token_that_others_can_read_meanwhile_is_not_taken()
    {
        _server.Token = ScriptedStacker.NewToken();
        WriteToken(_server.Token, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Equal(ServerFailure.Refused, (await FailureAsync()).Failure);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_server_that_never_answers_a_poll_is_given_up_five_seconds_after_its_time()
    {
        var asked = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        _server.ActOnce(StackerRequest.Wait, async _ =>
        {
            asked.SetResult();
            await never.Task;
        });
        var poll = _client.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await asked.Task;
        _clock.Advance(TimeSpan.FromSeconds(34));
        Assert.False(poll.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(2));
        var error = await Assert.ThrowsAsync<ServerCallException>(() => poll);
        Assert.Equal(ServerFailure.Unreachable, error.Failure);
        never.SetResult();
    }

    [Fact]
    public async Task A_report_that_is_never_answered_is_given_up_and_can_be_sent_again()
    {
        var asked = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        _server.ActOnce(StackerRequest.Report, async _ =>
        {
            asked.SetResult();
            await never.Task;
        });
        var report = FailureAsync();
        await asked.Task;
        _clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(ServerFailure.Unreachable, (await report).Failure);
        never.SetResult();
    }

    [Fact]
    public async Task What_a_server_asks_to_wait_is_kept()
    {
        _server.ActOnce(StackerRequest.Report, context =>
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = "9";
            return Task.CompletedTask;
        });
        Assert.Equal(TimeSpan.FromSeconds(9), (await FailureAsync()).RetryAfter);
    }

    private Task<ServerCallException> FailureAsync() => Assert.ThrowsAsync<ServerCallException>(
        () => _client.ReportAsync("cmd_1", "{}"u8.ToArray(), TestContext.Current.CancellationToken));

    private void WriteToken(string token, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        File.WriteAllText(_directory.File("token"), token + "\n");
        File.SetUnixFileMode(_directory.File("token"), mode);
    }
}
