namespace Drover.EndToEnd.SetUp;

/// <summary>What <c>make up</c> does before it builds, on a machine that lacks what it needs.</summary>
public sealed class SetUpTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("8.0.404")]
    public async Task Without_the_sdk_it_says_how_to_get_it_and_stops(string? other)
    {
        using var machine = new BareMachine();
        if (other is not null)
        {
            machine.WithSdk(other);
        }

        var (code, said) = await machine.SetUpAsync(variables: "YES=1");

        Assert.Equal(1, code);
        Assert.Contains("The .NET SDK 10 is missing", said, StringComparison.Ordinal);
        Assert.Contains("apt-get install dotnet-sdk-10.0", said, StringComparison.Ordinal);
        Assert.Empty(machine.Asked);
    }

    [Fact]
    public async Task What_is_missing_is_named_and_installed_after_a_yes_and_the_engine_is_started()
    {
        using var machine = new BareMachine().WithSdk("10.0.401");

        var (code, said) = await machine.SetUpAsync(answer: "y");

        Assert.True(code == 0, said);
        Assert.Contains("Missing: docker.io iptables libsqlite3-0", said, StringComparison.Ordinal);
        Assert.Contains("Install docker.io iptables libsqlite3-0 with apt-get? [Y/n]", said, StringComparison.Ordinal);
        Assert.Contains(
            "install -y -qq --no-install-recommends docker.io iptables libsqlite3-0",
            machine.Asked,
            StringComparison.Ordinal);
        Assert.True(machine.EngineRuns);
    }

    [Fact]
    public async Task After_a_no_nothing_is_installed()
    {
        using var machine = new BareMachine().WithSdk("10.0.401");

        var (code, said) = await machine.SetUpAsync(answer: "n");

        Assert.Equal(1, code);
        Assert.Contains("cannot set up: not installed: docker.io", said, StringComparison.Ordinal);
        Assert.Empty(machine.Asked);
    }

    [Theory]
    [InlineData("YES=1")]
    [InlineData("CI=true")]
    public async Task YES_and_CI_answer_yes_where_nobody_can_be_asked(string variable)
    {
        using var machine = new BareMachine().WithSdk("10.0.401");

        var (code, said) = await machine.SetUpAsync(variables: variable);

        Assert.True(code == 0, said);
        Assert.DoesNotContain("[Y/n]", said, StringComparison.Ordinal);
        Assert.Contains("docker.io", machine.Asked, StringComparison.Ordinal);
        Assert.True(machine.EngineRuns);
    }

    [Fact]
    public async Task Where_nobody_can_be_asked_nothing_is_installed_without_YES()
    {
        using var machine = new BareMachine().WithSdk("10.0.401");

        var (code, said) = await machine.SetUpAsync();

        Assert.Equal(1, code);
        Assert.Contains("there is no terminal to ask at; run again with YES=1", said, StringComparison.Ordinal);
        Assert.Empty(machine.Asked);
    }

    [Fact]
    public async Task An_engine_that_answers_is_used_as_it_is()
    {
        using var machine = new BareMachine().WithSdk("10.0.401").WithEngine();

        var (code, said) = await machine.SetUpAsync();

        Assert.True(code == 0, said);
        Assert.Empty(machine.Asked);
    }
}
