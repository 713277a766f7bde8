using Drover.HostAgent.Commands;
using Drover.Testing.Docker;
using Drover.Testing.Time;

namespace Drover.HostAgent.Tests.Commands;

public sealed class EngineDeadlineTests
{
    [Theory]
    [InlineData("start")]
    [InlineData("stop")]
    [InlineData("restart")]
    public async Task An_action_may_take_as_long_as_its_command_and_not_only_as_long_as_a_call(string action)
    {
        var token = TestContext.Current.CancellationToken;
        await using var docker = await FakeDockerEngine.StartNewAsync();
        var web = docker.AddContainer("web", each => each.State = action == "start" ? "exited" : "running");
        var clock = new FakeClock();
        using var client = docker.Connect(time: clock);
        var engine = new DockerContainerEngine(client);
        await engine.ListAsync(token);
        docker.Hang();

        var acting = action switch
        {
            "start" => engine.StartAsync(web.Id, token),
            "stop" => engine.StopAsync(web.Id, TimeSpan.FromSeconds(1), token),
            _ => engine.RestartAsync(web.Id, TimeSpan.FromSeconds(1), token),
        };
        await CommandRig.UntilAsync(
            () => docker.Requests.Contains($"POST /containers/{web.Id}/{action}"), "the engine has it");
        clock.Advance(TimeSpan.FromSeconds(290));
        Assert.False(acting.IsCompleted);
        docker.Resume();
        await acting;

        Assert.Equal(action == "stop" ? "exited" : "running", web.State);
    }
}
