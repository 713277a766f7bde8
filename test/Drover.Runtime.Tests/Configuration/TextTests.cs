using Drover.Runtime.Configuration;

namespace Drover.Runtime.Tests.Configuration;

public sealed class TextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("5m", 300_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("2d", 172_800_000)]
    [InlineData("1m500ms", 60_500)]
    public void Durations_read_and_print_the_same(string text, long milliseconds)
    {
        Assert.Null(DurationText.TryParse(text, out var value));
        Assert.Equal(milliseconds, value.TotalMilliseconds);
        Assert.Equal(text, DurationText.Format(value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("5 s")]
    [InlineData("-5s")]
    [InlineData("5s5m")]
    [InlineData("5s5s")]
    [InlineData("5sec")]
    [InlineData("99999999999s")]
    public void What_is_no_duration_is_refused_with_examples(string text) =>
        Assert.Contains("write 250ms, 30s, 5m or 1h30m", DurationText.TryParse(text, out _), StringComparison.Ordinal);

    [Theory]
    [InlineData("512B", 512)]
    [InlineData("10MB", 10_000_000)]
    [InlineData("64MiB", 67_108_864)]
    [InlineData("2GiB", 2_147_483_648)]
    [InlineData("0B", 0)]
    public void Sizes_read_and_print_the_same(string text, long bytes)
    {
        Assert.Null(SizeText.TryParse(text, out var value));
        Assert.Equal(bytes, value);
        Assert.Equal(text, SizeText.Format(value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("10M")]
    [InlineData("-1B")]
    [InlineData("1.5MB")]
    [InlineData("9999999999999GB")]
    public void What_is_no_size_is_refused_with_examples(string text) =>
        Assert.Contains("write 512B, 10MB or 64MiB", SizeText.TryParse(text, out _), StringComparison.Ordinal);

    [Theory]
    [InlineData("restrat", "restart")]
    [InlineData("log", "logs")]
    [InlineData("hosst", "hosts")]
    [InlineData("PS", "ps")]
    [InlineData("zebra", null)]
    public void The_nearest_name_is_what_was_probably_meant(string word, string? expected) =>
        Assert.Equal(expected, NearestName.Of(word, ["ps", "logs", "restart", "start", "hosts"]));

    [Fact]
    public void A_secret_never_prints_itself()
    {
        var secret = new Secret("hunter2\n");

        Assert.Equal("hunter2", secret.Reveal());
        Assert.DoesNotContain("hunter2", $"{secret}", StringComparison.Ordinal);
        Assert.Equal(secret, new Secret("hunter2"));
    }
}
