using Drover.Runtime.Docker;

namespace Drover.Runtime.Tests.Docker;

public sealed class EndpointTests
{
    [Theory]
    [InlineData("unix:///var/run/docker.sock", "http://docker/", "/var/run/docker.sock")]
    [InlineData(" unix:///run/my docker.sock ", "http://docker/", "/run/my docker.sock")]
    [InlineData("tcp://10.0.0.5:4000", "http://10.0.0.5:4000/", null)]
    [InlineData("tcp://engine.test", "http://engine.test:2375/", null)]
    [InlineData("http://engine.test", "http://engine.test:2375/", null)]
    [InlineData("http://engine.test:80", "http://engine.test/", null)]
    [InlineData("https://engine.test", "https://engine.test:2376/", null)]
    [InlineData("https://[::1]:2377", "https://[::1]:2377/", null)]
    public void An_address_is_read_as_docker_reads_it(string address, string baseAddress, string? socket)
    {
        var endpoint = DockerEndpoint.Parse(address);

        Assert.Equal(new Uri(baseAddress), endpoint.BaseAddress);
        Assert.Equal(socket, endpoint.SocketPath);
        Assert.Equal(address.Trim(), endpoint.ToString());
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("docker", "it is none of unix:///path")]
    [InlineData("unix://docker.sock", "must start with \"/\"")]
    [InlineData("tcp://", "no valid host and port")]
    [InlineData("tcp://host:99999", "no valid host and port")]
    [InlineData("ssh://host", "forward the engine's socket")]
    [InlineData("npipe:////./pipe/docker_engine", "only on Windows")]
    [InlineData("fd://", "an address for the engine itself")]
    public void An_address_that_cannot_be_used_is_refused_with_the_reason(string address, string reason)
    {
        var refused = Assert.Throws<DockerConfigurationException>(() => DockerEndpoint.Parse(address));

        Assert.StartsWith($"cannot use Docker address \"{address}\": ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_in_an_address_is_refused_and_not_repeated()
    {
        var refused = Assert.Throws<DockerConfigurationException>(
            () => DockerEndpoint.Parse("tcp://root:hunter2@host:2375"));

        Assert.DoesNotContain("hunter2", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_path_longer_than_the_system_allows_is_refused()
    {
        var path = "/" + new string('x', 200);

        Assert.Contains("107 bytes", Assert.Throws<DockerConfigurationException>(() =>
            DockerEndpoint.Parse($"unix://{path}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dockers_variables_mean_what_they_mean_to_docker()
    {
        Assert.Equal("/var/run/docker.sock", DockerEndpoint.FromDockerVariables(null, null, null).SocketPath);
        Assert.Equal("/var/run/docker.sock", DockerEndpoint.FromDockerVariables("", "1", null).SocketPath);
        Assert.Null(DockerEndpoint.FromDockerVariables("tcp://host:2375", "", "/nowhere").Tls);
        var noPath = Assert.Throws<DockerConfigurationException>(
            () => DockerEndpoint.FromDockerVariables("tcp://host:2376", "1", null));
        Assert.Contains("DOCKER_CERT_PATH", noPath.Message, StringComparison.Ordinal);
        var noFiles = Assert.Throws<DockerConfigurationException>(
            () => DockerEndpoint.FromDockerVariables("tcp://host:2376", "1", "/nowhere"));
        Assert.StartsWith(
            "cannot read the Docker TLS file \"/nowhere/ca.pem\": ", noFiles.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-02-03T04:05:06.000000007Z", 1770091506, 7)]
    [InlineData("2026-02-03T04:05:06Z", 1770091506, 0)]
    [InlineData("2026-02-03T05:35:06.5+01:30", 1770091506, 500_000_000)]
    [InlineData("2026-02-03T04:05:06.1234567899Z", 1770091506, 123_456_789)]
    [InlineData("1969-12-31T23:59:59.25Z", -1, 250_000_000)]
    public void A_time_is_read_to_the_nanosecond(string text, long seconds, int nanos)
    {
        Assert.True(EngineTimestamp.TryParse(text, out var timestamp));
        Assert.Equal(new EngineTimestamp(seconds, nanos), timestamp);
        Assert.True(EngineTimestamp.TryParse(timestamp.ToString(), out var again));
        Assert.Equal(timestamp, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("2026-02-03T04:05:06")]
    [InlineData("2026-02-03T04:05:06.Z")]
    [InlineData("2026-02-30T04:05:06Z")]
    [InlineData("2026-02-03T04:05:06.5Zx")]
    public void What_is_no_time_is_not_read_as_one(string text) => Assert.False(EngineTimestamp.TryParse(text, out _));

    [Fact]
    public void Times_compare_convert_and_ask_in_the_engines_form()
    {
        var early = EngineTimestamp.FromUnixNanos(1_770_091_506_000_000_007);

        Assert.Equal("1770091506.000000007", early.ToQuery());
        Assert.True(early < early with { Nanos = 8 });
        Assert.True(early > new EngineTimestamp(1770091505, 999_999_999));
        Assert.Equal(new EngineTimestamp(-1, 999_999_999), EngineTimestamp.FromUnixNanos(-1));
        var moment = new DateTimeOffset(2026, 2, 3, 4, 5, 6, 789, TimeSpan.FromHours(2));
        Assert.Equal(moment, EngineTimestamp.From(moment).ToDateTimeOffset());
    }
}
