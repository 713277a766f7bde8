using Drover.HostAgent.Commands;
using Drover.Runtime.Docker.Containers;

namespace Drover.HostAgent.Tests.Commands;

public sealed class AppResolverTests
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Fact]
    public void The_exact_app_code_wins_over_a_container_of_that_name()
    {
        var labelled = Container("shop-1", "running", "web");

        Assert.Equal(labelled, Found([Container("web", "running", "other"), labelled], "web"));
    }

    [Fact]
    public void A_name_and_an_id_prefix_of_twelve_digits_are_found_and_a_shorter_one_is_not()
    {
        var web = Container("web", "running", "shop") with { Id = Id };

        Assert.Equal(web, Found([web], "web"));
        Assert.Equal(web, Found([web], Id[..12]));
        Assert.IsType<AppResolution.NotFound>(AppResolver.Resolve([web], Id[..11], null));
    }

    [Fact]
    public void An_image_name_or_a_part_of_a_name_finds_nothing()
    {
        var proxy = Container("nginx-proxy-manager", "running", null) with { Image = "nginx:1" };

        var missing = Assert.IsType<AppResolution.NotFound>(AppResolver.Resolve([proxy], "nginx", null));
        Assert.Equal("nginx-proxy-manager", missing.Error.Details!["near"]);
    }

    [Fact]
    public void The_one_that_runs_is_meant_when_the_others_are_leftovers()
    {
        var running = Container("web-2", "running", "web");

        Assert.Equal(
            running, Found([Container("web-1", "exited", "web"), running, Container("web-0", "dead", "web")], "web"));
    }

    [Theory]
    [InlineData("running", "running")]
    [InlineData("exited", "exited")]
    [InlineData("running", "paused")]
    public void Several_that_run_or_none_that_runs_is_ambiguous(string first, string second) =>
        Assert.IsType<AppResolution.Ambiguous>(
            AppResolver.Resolve([Container("web-1", first, "web"), Container("web-2", second, "web")], "web", null));

    [Fact]
    public void A_container_parameter_that_fits_none_of_them_is_not_found() =>
        Assert.IsType<AppResolution.NotFound>(
            AppResolver.Resolve([Container("web-1", "running", "web")], "web", "web-9"));

    [Fact]
    public void A_container_named_by_its_full_id_is_that_one_whatever_else_runs_and_however_it_is_called_now()
    {
        var running = Container("web-1", "running", "web");
        var stopped = Container("web-2", "exited", "web");

        var resolution = AppResolver.Resolve([running, stopped], "the name it had before", stopped.Id);

        Assert.Equal(stopped, Assert.IsType<AppResolution.Found>(resolution).Container);
    }

    [Fact]
    public void A_container_named_by_the_id_of_one_that_is_gone_is_never_another_one()
    {
        var gone = Container("web-2", "exited", "web");

        Assert.IsType<AppResolution.NotFound>(
            AppResolver.Resolve([Container("web-1", "running", "web")], "web", gone.Id));
    }

    [Fact]
    public void A_container_named_by_its_name_is_that_one_although_another_one_runs()
    {
        var stopped = Container("web-2", "exited", "web");

        var resolution = AppResolver.Resolve([Container("web-1", "running", "web"), stopped], "web", "web-2");

        Assert.Equal(stopped, Assert.IsType<AppResolution.Found>(resolution).Container);
    }

    private static ContainerSummary Found(IReadOnlyList<ContainerSummary> containers, string appCode) =>
        Assert.IsType<AppResolution.Found>(AppResolver.Resolve(containers, appCode, null)).Container;

    private static ContainerSummary Container(string name, string state, string? appCode) => new()
    {
        Id = Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name))),
        Names = ["/" + name],
        State = state,
        Labels = appCode is null
            ? new Dictionary<string, string>()
            : new Dictionary<string, string> { ["drover.app"] = appCode },
    };
}
