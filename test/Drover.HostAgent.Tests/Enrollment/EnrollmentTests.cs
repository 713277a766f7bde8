using System.Text.Json;
using Drover.Core.Trust;
using Drover.Testing.Agents;
using Drover.Wire;
using Drover.Wire.Agents;

namespace Drover.HostAgent.Tests.Enrollment;

public sealed class EnrollmentTests : IAsyncLifetime
{
    private AgentBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await AgentBench.SetUpAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_host_enrolls_with_a_token_and_its_credentials_are_saved_for_its_owner_alone()
    {
        var agent = await _bench.StartAsync(_bench.Options() with { Once = true });
        await agent.Completion;

        var saved = Saved();
        Assert.Equal((AgentCredentials.Enrolled, agent.HostId), (saved.State, saved.HostId));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_bench.Data.File("agent.json")));
        var request = Assert.Single(_bench.Server.Enrollments);
        Assert.Equal(
            ("alice", Environment.MachineName, "1.2.3"), (request.Name, request.Hostname, request.AgentVersion));
        Assert.Equal(saved.Key, request.Key);
        Assert.NotNull(request.DockerVersion);
    }

    [Fact]
    public async Task Enroll_once_ends_without_starting_the_loop_and_without_it_the_loop_starts()
    {
        var options = _bench.Options();
        var once = await _bench.StartAsync(options with { Once = true });
        Assert.True(once.Completion.IsCompletedSuccessfully);
        await _bench.KillAsync(once);
        Assert.Empty(_bench.Server.Heartbeats);

        var agent = await _bench.StartAsync(options);
        await AgentBench.UntilAsync(() => !_bench.Server.Heartbeats.IsEmpty, "a heartbeat");
        Assert.False(agent.Completion.IsCompleted);
    }

    [Fact]
    public async Task Credentials_are_read_again_at_the_next_start_without_a_token_and_it_is_the_same_host()
    {
        var first = await _bench.StartAsync(_bench.Options() with { Once = true });
        await _bench.KillAsync(first);

        var second = await _bench.StartAsync(_bench.Options() with { EnrollToken = null, Server = null });

        Assert.Equal(first.HostId, second.HostId);
        Assert.Single(_bench.Server.Enrollments);
        await AgentBench.UntilAsync(() => !_bench.Server.Heartbeats.IsEmpty, "a heartbeat of the second start");
    }

    [Fact]
    public async Task A_lost_enrollment_answer_costs_nothing_the_same_token_and_key_give_the_same_host()
    {
        _bench.Server.LoseAnswer(Routes.Enroll);
        var agent = await _bench.StartAsync(_bench.Options() with { Once = true });

        Assert.Equal(2, _bench.Server.Enrollments.Count);
        Assert.Single(_bench.Server.Enrollments.Select(request => request.Key).Distinct());
        Assert.Equal(agent.HostId, Saved().HostId);
    }

    [Fact]
    public async Task The_key_is_on_disk_before_the_request_leaves_and_an_agent_killed_then_goes_on_with_it()
    {
        var options = _bench.Options();
        await _bench.Server.GoAwayAsync();
        await Assert.ThrowsAsync<HostAgentStartException>(
            () => _bench.StartAsync(options with { Once = true, OnceTimeout = TimeSpan.FromMilliseconds(1) }));

        var pending = Saved();
        Assert.Equal((AgentCredentials.Pending, null), (pending.State, pending.HostId));

        await _bench.Server.ComeBackAsync();
        await _bench.StartAsync(options with { Once = true });
        Assert.Equal(pending.Key, Assert.Single(_bench.Server.Enrollments).Key);
    }

    [Fact]
    public async Task A_refused_token_is_told_in_a_sentence_and_not_tried_again()
    {
        var wrong = SecretToken.Create(SecretToken.EnrollmentPrefix);
        var refused = await Assert.ThrowsAsync<HostAgentStartException>(
            () => _bench.StartAsync(_bench.Options() with { EnrollToken = wrong }));

        Assert.Contains("the server refused the token", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(wrong.Reveal(), refused.ToString(), StringComparison.Ordinal);
        Assert.Single(_bench.Server.Enrollments);
    }

    [Fact]
    public async Task Enroll_once_gives_up_on_an_absent_server_with_a_sentence()
    {
        var options = _bench.Options();
        await _bench.Server.GoAwayAsync();
        var gaveUp = await Assert.ThrowsAsync<HostAgentStartException>(
            () => _bench.StartAsync(options with { Once = true, OnceTimeout = TimeSpan.FromMilliseconds(1) }));
        Assert.StartsWith(
            $"cannot enroll at \"{options.Server!.GetLeftPart(UriPartial.Authority)}\": it did not answer",
            gaveUp.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_once_an_absent_server_is_waited_for()
    {
        var options = _bench.Options();
        await _bench.Server.GoAwayAsync();
        var starting = _bench.StartAsync(options);
        await AgentBench.UntilAsync(() => File.Exists(_bench.Data.File("agent.json")), "the pending file");
        Assert.False(starting.IsCompleted);

        await _bench.Server.ComeBackAsync();
        var agent = await starting;
        Assert.Equal(agent.HostId, Saved().HostId);
    }

    [Fact]
    public async Task The_agent_says_clearly_when_it_has_neither_credentials_nor_a_token()
    {
        var refused = await Assert.ThrowsAsync<HostAgentStartException>(
            () => _bench.StartAsync(_bench.Options() with { EnrollToken = null }));
        Assert.Equal(
            $"cannot start the host agent: there are neither credentials at "
                + $"\"{_bench.Data.File("agent.json")}\" nor an enrollment token; get a token with: "
                + "drover token create",
            refused.Message);
    }

    private AgentCredentials Saved() =>
        JsonSerializer.Deserialize(
            File.ReadAllBytes(_bench.Data.File("agent.json")), WireJson.Default.AgentCredentials)!;
}
