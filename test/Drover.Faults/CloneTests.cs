using Drover.Faults.Rig;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Faults;

/// <summary>Two machines with one credentials file, each a process of the published file with an engine of its
/// own.</summary>
public sealed class CloneTests
{
    [Fact]
    public async Task A_second_machine_with_the_credentials_of_the_first_is_told_as_a_clone_and_never_merged()
    {
        await using var rig = new DroverRig(
            "first", await PlayedRunEngine.StartAsync(), TestContext.Current.CancellationToken);
        await rig.RunContainerAsync("web");
        await rig.BeginAsync(null, null);
        await rig.KnowsAsync("web");
        await using var other = await PlayedRunEngine.StartAsync();
        await other.RunAsync("second-web", exitCode: null);

        await using var clone = rig.StartClone(other);

        await rig.Api.HasEventAsync("host.cloned", "box");
        Assert.Single(await rig.Api.HostsAsync());

        // One machine's containers at any time, never both: the later run is believed.
        await rig.Api.ContainersAsync(
            containers => containers.Select(NameOf).SequenceEqual(["second-web"]), "the later run is believed");
        for (var look = 0; look < 50; look++)
        {
            await rig.Api.ContainersAsync(
                containers => containers.Count == 1
                    ? true
                    : throw new InvalidOperationException($"merged: {string.Join(", ", containers.Select(NameOf))}"),
                "one machine at a time");
        }

        var told = await rig.Api.EventsAsync();
        var news = Assert.Single(told, one => one.Type == "host.cloned");
        Assert.NotNull(news.Data);
    }

    [Fact]
    public async Task What_is_ordered_beside_a_clone_is_done_by_the_machine_that_is_believed_and_never_by_the_other()
    {
        const int Orders = 10;
        await using var rig = new DroverRig(
            "first", await PlayedRunEngine.StartAsync(), TestContext.Current.CancellationToken);
        await rig.RunContainerAsync("web");
        await rig.BeginAsync(null, null);
        await rig.KnowsAsync("web");
        await using var other = await PlayedRunEngine.StartAsync();
        await other.RunAsync("second-web", exitCode: null);
        await using var clone = rig.StartClone(other);
        await rig.Api.HasEventAsync("host.cloned", "box");
        await rig.Api.ContainersAsync(
            containers => containers.Select(NameOf).SequenceEqual(["second-web"]), "the later run is believed");

        // Both machines ask all the time; before they said which run they are, whoever came first was given it.
        for (var count = 0; count < Orders; count++)
        {
            var commandId = await rig.Api.OrderAsync(new OrderRequest(
                CommandTypes.Restart, null, new CommandParameters { AppCode = "second-web" }, TimeoutSeconds: 60));
            var ended = await rig.Api.WaitForAsync(commandId);
            Assert.True(ended.Status == CommandStates.Completed, $"order {count}: {ended.Status}, {ended.Error}");
        }

        Assert.Equal(Orders, other.Events.Count(happened => happened.Action == "restart"));
    }

    private static string NameOf(HostContainerDto container) => container.Container.Name;
}
