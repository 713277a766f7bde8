using System.Text.Json;
using Drover.HostAgent.Inventory;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Wire;

namespace Drover.HostAgent.Tests.Inventory;

public sealed class ContainerNormaliserTests
{
    private static readonly EngineTimestamp Started = new(1_700_000_000, 5);
    private static readonly EngineTimestamp Finished = new(1_700_000_100, 6);

    [Theory]
    [InlineData("Up 3 minutes", "Up")]
    [InlineData("Up About an hour (healthy)", "Up")]
    [InlineData("Up Less than a second (health: starting)", "Up")]
    [InlineData("Up 2 hours (Paused)", "Up (Paused)")]
    [InlineData("Exited (137) 2 weeks ago", "Exited (137)")]
    [InlineData("Exited (0) Less than a second ago", "Exited (0)")]
    [InlineData("Restarting (1) 5 seconds ago", "Restarting (1)")]
    [InlineData("Created", "Created")]
    [InlineData("Dead", "Dead")]
    [InlineData("Removal In Progress", "Removal In Progress")]
    [InlineData("", "")]
    public void The_status_goes_out_without_its_age(string engine, string wire) =>
        Assert.Equal(wire, ContainerNormaliser.StatusWithoutAge(engine));

    [Fact]
    public void All_fields_of_the_appendix_are_there()
    {
        var summary = Summary("running", "Up 3 minutes") with
        {
            Ports =
            [
                new PortSummary { PrivatePort = 80, PublicPort = 8080, Type = "tcp", Ip = "0.0.0.0" },
                new PortSummary { PrivatePort = 80, PublicPort = 8080, Type = "tcp", Ip = "::" },
                new PortSummary { PrivatePort = 9000, Type = "udp" },
            ],
        };
        var container = ContainerNormaliser.Normalise(summary, Inspect("running") with
        {
            RestartCount = 2,
            Mounts =
            [
                new MountPoint { Type = "volume", Name = "data", Destination = "/data", IsWritable = true },
                new MountPoint { Type = "bind", Source = "/etc/app", Destination = "/config" },
                new MountPoint { Type = "tmpfs", Destination = "/scratch", IsWritable = true },
            ],
            NetworkSettings = new ContainerNetworks
            {
                Networks = new Dictionary<string, NetworkEndpoint>
                {
                    ["front"] = new() { IpAddress = "10.0.0.2" },
                    ["back"] = new(),
                },
            },
        });

        var json = JsonSerializer.Serialize(container, WireJson.Default.ContainerDto);
        Assert.Equal(
            """
            {"dockerId":"abc","name":"web","image":"nginx:1","imageId":"sha256:1","command":"nginx","state":"running","status":"Up","restartCount":2,"ports":{"80/tcp":8080,"9000/udp":null},"labels":{"role":"front"},"networks":{"back":"","front":"10.0.0.2"},"volumes":["/etc/app:/config:ro","data:/data","tmpfs:/scratch"],"createdAt":"2023-11-14T22:13:10.000000000Z","startedAt":"2023-11-14T22:13:20.000000005Z"}
            """,
            json);
    }

    [Theory]
    [InlineData("running", null, null)]
    [InlineData("paused", null, null)]
    [InlineData("exited", 3, "2023-11-14T22:15:00.000000006Z")]
    [InlineData("restarting", 3, "2023-11-14T22:15:00.000000006Z")]
    [InlineData("dead", 3, "2023-11-14T22:15:00.000000006Z")]
    public void Exit_code_and_end_belong_to_a_run_that_ended(string state, int? exitCode, string? finishedAt)
    {
        var container = ContainerNormaliser.Normalise(Summary(state, ""), Inspect(state));
        Assert.Equal((exitCode, finishedAt), (container.ExitCode, container.FinishedAt));
    }

    [Fact]
    public void A_container_that_never_ran_has_no_exit_code()
    {
        var inspect = Inspect("created");
        var container = ContainerNormaliser.Normalise(
            Summary("created", "Created"),
            inspect with { State = inspect.State with { StartedAt = null, FinishedAt = null } });
        Assert.Equal((null, null, null), (container.ExitCode, container.StartedAt, container.FinishedAt));
    }

    [Fact]
    public void Secrets_in_command_and_labels_stay_on_the_host()
    {
        var container = ContainerNormaliser.Normalise(
            Summary("running", "Up") with
            {
                Command = "serve --password hunter22 --db postgres://app:swordfish9@db/x",
                Labels = new Dictionary<string, string> { ["app.api_key"] = "Zk93kdKDJ3kdk", ["tier"] = "front" },
            },
            Inspect("running"));

        var json = JsonSerializer.Serialize(container, WireJson.Default.ContainerDto);
        Assert.DoesNotContain("hunter22", json, StringComparison.Ordinal);
        Assert.DoesNotContain("swordfish9", json, StringComparison.Ordinal);
        Assert.DoesNotContain("Zk93kdKDJ3kdk", json, StringComparison.Ordinal);
        Assert.Equal("front", container.Labels["tier"]);
    }

    [Fact]
    public void The_engines_random_order_does_not_change_the_digest()
    {
        var mounts = new[]
        {
            new MountPoint { Type = "volume", Name = "a", Destination = "/a" },
            new MountPoint { Type = "volume", Name = "b", Destination = "/b" },
        };
        var one = ContainerNormaliser.Normalise(
            Summary("running", "Up 1 minute"), Inspect("running") with { Mounts = mounts });
        var other = ContainerNormaliser.Normalise(
            Summary("running", "Up 2 hours"), Inspect("running") with { Mounts = [.. mounts.Reverse()] });
        Assert.Equal(KnownContainer.Of(one, "").Digest, KnownContainer.Of(other, "").Digest);
    }

    [Fact]
    public void An_enormous_label_is_bounded()
    {
        var container = ContainerNormaliser.Normalise(
            Summary("running", "Up") with { Labels = new Dictionary<string, string> { ["note"] = new('x', 1 << 20) } },
            Inspect("running"));
        Assert.InRange(container.Labels["note"].Length, 4096, 4097);
    }

    private static ContainerSummary Summary(string state, string status) => new()
    {
        Id = "abc",
        Names = ["/web"],
        Image = "sha256:1",
        ImageId = "sha256:1",
        Command = "nginx",
        Created = 1_699_999_990,
        Labels = new Dictionary<string, string> { ["role"] = "front" },
        State = state,
        Status = status,
    };

    private static ContainerInspect Inspect(string state) => new()
    {
        Id = "abc",
        Name = "/web",
        Image = "sha256:1",
        Config = new ContainerConfig { Image = "nginx:1" },
        State = new ContainerState { Status = state, ExitCode = 3, StartedAt = Started, FinishedAt = Finished },
    };
}
