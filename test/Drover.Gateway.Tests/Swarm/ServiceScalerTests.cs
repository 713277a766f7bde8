using Drover.Gateway.Swarm;
using Drover.Testing.Docker;

namespace Drover.Gateway.Tests.Swarm;

public sealed class ServiceScalerTests : IAsyncLifetime
{
    private FakeDockerEngine _engine = null!;
    private Drover.Runtime.Docker.DockerClient _docker = null!;
    private ServiceScaler _scaler = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _engine = await FakeDockerEngine.StartNewAsync();
        _docker = _engine.Connect();
        _scaler = new ServiceScaler(_docker, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _docker.Dispose();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task A_service_is_scaled_by_its_exact_name()
    {
        var sibling = _engine.Swarm.AddService("scout-old");
        var service = _engine.Swarm.AddService("scout");

        Assert.IsType<ScaleOutcome.Done>(await _scaler.ScaleAsync("scout", 1, Token));

        Assert.Single(service.Updates);
        Assert.Empty(sibling.Updates);
    }

    [Fact]
    public async Task Defect_5_a_scale_whose_version_another_overtook_is_read_again_and_tried_again()
    {
        var service = _engine.Swarm.AddService("scout");
        _engine.Swarm.Overtake(4);

        Assert.IsType<ScaleOutcome.Done>(await _scaler.ScaleAsync("scout", 1, Token));

        Assert.Single(service.Updates);
    }

    [Fact]
    public async Task A_service_that_others_change_all_the_time_is_given_up_after_a_bounded_number_of_tries()
    {
        var service = _engine.Swarm.AddService("scout");
        _engine.Swarm.Overtake(1000);

        var outcome = Assert.IsType<ScaleOutcome.Unreachable>(await _scaler.ScaleAsync("scout", 1, Token));

        Assert.Contains("\"scout\"", outcome.Reason, StringComparison.Ordinal);
        Assert.Empty(service.Updates);
        Assert.InRange(_engine.Requests.Count(each => each.EndsWith("/update", StringComparison.Ordinal)), 2, 20);
    }

    [Theory]
    [InlineData(
        """{"Name":"scout","TaskTemplate":{"RestartPolicy":{"Delay":5000000123,"Newer":[1.50,{"a":null}]}},"Mode":{"Replicated":{"Replicas":@}},"UpdateConfig":{"MaxFailureRatio":0.10}}""")]
    [InlineData("""{ "Mode" : {"Replicated": { "Replicas" :  @ , "MaxConcurrent": 7 } }, "Name":"scout"}""")]
    [InlineData("""{"Name":"scout","Labels":{"Mode":"{\"Replicated\":{\"Replicas\":3}}","quote":"\u003cb\u003e é"},"Mode":{"Replicated":{"Replicas":@}}}""")]
    public async Task A_scale_changes_one_number_and_keeps_every_other_byte_of_what_the_owner_wrote(string spec)
    {
        var service = _engine.Swarm.AddService("scout", spec: spec.Replace("@", "0", StringComparison.Ordinal));

        Assert.IsType<ScaleOutcome.Done>(await _scaler.ScaleAsync("scout", 12, Token));

        Assert.Equal(spec.Replace("@", "12", StringComparison.Ordinal), Assert.Single(service.Updates));
    }

    [Theory]
    [InlineData(
        """{"Name":"scout","Mode":{"Replicated":{}}}""",
        """{"Name":"scout","Mode":{"Replicated":{"Replicas":0}}}""")]
    [InlineData(
        """{"Name":"scout","Mode":{"Replicated":{"New":1}}}""",
        """{"Name":"scout","Mode":{"Replicated":{"Replicas":0,"New":1}}}""")]
    public async Task A_number_that_was_left_out_means_one_and_is_written(string before, string after)
    {
        var service = _engine.Swarm.AddService("scout", spec: before);

        Assert.IsType<ScaleOutcome.Done>(await _scaler.ScaleAsync("scout", 1, Token));
        Assert.Empty(service.Updates);
        Assert.IsType<ScaleOutcome.Done>(await _scaler.ScaleAsync("scout", 0, Token));
        Assert.Equal(after, Assert.Single(service.Updates));
    }

    [Fact]
    public async Task A_service_that_has_the_number_already_is_not_written_to()
    {
        var service = _engine.Swarm.AddService("scout", replicas: 1);

        Assert.IsType<ScaleOutcome.Done>(await _scaler.ScaleAsync("scout", 1, Token));

        Assert.Empty(service.Updates);
    }

    [Theory]
    [InlineData("""{"Name":"scout","Mode":{"Global":{}}}""")]
    [InlineData("""{"Name":"scout","Mode":{"ReplicatedJob":{"MaxConcurrent":1,"TotalCompletions":1}}}""")]
    [InlineData("""{"Name":"scout","Mode":{}}""")]
    [InlineData("""{"Name":"scout"}""")]
    public async Task A_service_without_a_number_of_tasks_is_refused_with_what_to_do(string spec)
    {
        var service = _engine.Swarm.AddService("scout", spec: spec);

        var outcome = Assert.IsType<ScaleOutcome.Refused>(await _scaler.ScaleAsync("scout", 1, Token));

        Assert.Contains("replicated", outcome.Reason, StringComparison.Ordinal);
        Assert.Empty(service.Updates);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_refused_even_when_its_name_begins_anothers_id()
    {
        var other = _engine.Swarm.AddService("scout");

        var none = Assert.IsType<ScaleOutcome.Refused>(await _scaler.ScaleAsync("ranger", 1, Token));
        var prefix = Assert.IsType<ScaleOutcome.Refused>(await _scaler.ScaleAsync(other.Id[..5], 1, Token));

        Assert.Contains("ranger", none.Reason, StringComparison.Ordinal);
        Assert.Contains(other.Id[..5], prefix.Reason, StringComparison.Ordinal);
        Assert.Empty(other.Updates);
    }

    [Fact]
    public async Task An_engine_that_is_away_or_a_Swarm_without_a_leader_is_no_refusal()
    {
        _engine.Swarm.AddService("scout");
        _engine.Answer(
            "/services/scout", """{"message":"rpc error: code = Unknown desc = The swarm does not have a leader"}"""u8
                .ToArray(), 500);
        var leaderless = Assert.IsType<ScaleOutcome.Unreachable>(await _scaler.ScaleAsync("scout", 1, Token));
        Assert.Contains("leader", leaderless.Reason, StringComparison.Ordinal);

        await _engine.StopAsync();
        Assert.IsType<ScaleOutcome.Unreachable>(await _scaler.ScaleAsync("scout", 1, Token));
        Assert.IsType<ScaleOutcome.Unreachable>(await _scaler.PauseAsync("scout.1", Token));
    }

    [Fact]
    public async Task A_container_is_frozen_and_thawed_and_doing_so_twice_is_no_failure()
    {
        var container = _engine.AddContainer("scout.1");

        Assert.IsType<ScaleOutcome.Done>(await _scaler.PauseAsync(container.Id, Token));
        Assert.IsType<ScaleOutcome.Done>(await _scaler.PauseAsync(container.Id, Token));
        Assert.Equal("paused", container.State);
        Assert.IsType<ScaleOutcome.Done>(await _scaler.UnpauseAsync(container.Id, Token));
        Assert.IsType<ScaleOutcome.Done>(await _scaler.UnpauseAsync(container.Id, Token));
        Assert.Equal("running", container.State);
    }

    [Fact]
    public async Task A_container_that_is_gone_or_has_ended_is_not_frozen_and_the_reason_is_told()
    {
        var ended = _engine.AddContainer("scout.1", each => each.State = "exited");

        Assert.IsType<ScaleOutcome.Refused>(await _scaler.PauseAsync(ended.Id, Token));
        var gone = Assert.IsType<ScaleOutcome.Refused>(await _scaler.PauseAsync("absent", Token));
        Assert.Contains("\"absent\"", gone.Reason, StringComparison.Ordinal);
    }
}
