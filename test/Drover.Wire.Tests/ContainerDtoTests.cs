using System.Text.Json;
using Drover.Wire.Inventory;

namespace Drover.Wire.Tests;

public sealed class ContainerDtoTests
{
    [Fact]
    public void A_container_of_an_older_agent_without_maps_and_lists_reads_as_one_with_empty_ones()
    {
        var container = JsonSerializer.Deserialize(
            """{"dockerId":"abc","name":"web","image":"nginx","state":"running"}""", WireJson.Default.ContainerDto)!;

        Assert.Empty(container.Ports);
        Assert.Empty(container.Labels);
        Assert.Empty(container.Networks);
        Assert.Empty(container.Volumes);
    }

    [Fact]
    public void Container_fields_keep_the_camel_case_names_of_older_agents()
    {
        var container =
            new ContainerDto { DockerId = "abc", Name = "web", Image = "nginx", State = "running", RestartCount = 2 };
        container.Ports["80/tcp"] = null;

        var json = JsonSerializer.Serialize(container, WireJson.Default.ContainerDto);

        Assert.Equal(
            """{"dockerId":"abc","name":"web","image":"nginx","state":"running","restartCount":2,"ports":{"80/tcp":null},"labels":{},"networks":{},"volumes":[]}""",
            json);
    }
}
