using Drover.Wire.Inventory;

namespace Drover.Wire.Tests;

public sealed class ContainerResolverTests
{
    private static readonly ContainerKey Running = new(new string('a', 64), "web-1", "web", IsStopped: false);
    private static readonly ContainerKey Exited = new(new string('b', 64), "web-2", "web", IsStopped: true);
    private static readonly ContainerKey Other = new(new string('c', 64), "web", "proxy", IsStopped: false);

    [Fact]
    public void An_app_code_outranks_a_name_and_means_the_one_that_runs() =>
        Assert.Equal([Running], Resolve("web", null));

    [Theory]
    [InlineData("web-2", null)]
    [InlineData("web", "web-2")]
    [InlineData("web", "/web-2")]
    [InlineData("web", "bbbbbbbbbbbb")]
    [InlineData("BBBBBBBBBBBB", null)]
    public void A_name_or_an_id_of_twelve_digits_means_that_container_though_another_runs(
        string appCode, string? container) => Assert.Equal([Exited], Resolve(appCode, container));

    [Theory]
    [InlineData("bbbbbbbbbbb", null)]
    [InlineData("web", "web-3")]
    [InlineData("web", "web")]
    [InlineData("nothing", "web-2")]
    public void A_shorter_id_an_unknown_name_and_a_container_of_another_app_mean_none(
        string appCode, string? container) => Assert.Empty(Resolve(appCode, container));

    [Fact]
    public void Two_that_run_and_two_that_do_not_are_ambiguous()
    {
        var second = Running with { DockerId = new string('d', 64), Name = "web-3" };
        var gone = Exited with { DockerId = new string('e', 64), Name = "web-4" };

        Assert.Equal(3, ContainerResolver.Resolve([Running, Exited, second], key => key, "web", null).Count);
        Assert.Equal(2, ContainerResolver.Resolve([Exited, gone], key => key, "web", null).Count);
    }

    private static IReadOnlyList<ContainerKey> Resolve(string appCode, string? container) =>
        ContainerResolver.Resolve([Running, Exited, Other], key => key, appCode, container);
}
