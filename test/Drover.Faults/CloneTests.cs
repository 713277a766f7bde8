using Drover.Faults.Rig;
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

    private static string NameOf(HostContainerDto container) => container.Container.Name;
}
