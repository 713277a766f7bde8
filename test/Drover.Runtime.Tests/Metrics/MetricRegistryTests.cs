using Drover.Runtime.Metrics;

namespace Drover.Runtime.Tests.Metrics;

public sealed class MetricRegistryTests
{
    [Fact]
    public void Metrics_are_written_in_the_text_format_ordered_by_name()
    {
        var registry = new MetricRegistry();
        var requests = registry.AddCounter("requests_total", "Requests.", "route", "status");
        registry.AddGauge("hosts", "Hosts.").Set(2);
        registry.AddGauge("age_seconds", "Age.", () => 1.5);
        requests.Increment("/a", "200");
        requests.Add(2, "/a", "200");

        Assert.Equal(
            """
            # HELP age_seconds Age.
            # TYPE age_seconds gauge
            age_seconds 1.5
            # HELP hosts Hosts.
            # TYPE hosts gauge
            hosts 2
            # HELP requests_total Requests.
            # TYPE requests_total counter
            requests_total{route="/a",status="200"} 3

            """,
            registry.Write());
    }

    [Fact]
    public void Label_values_and_help_texts_are_escaped()
    {
        var registry = new MetricRegistry();
        registry.AddCounter("x_total", "a \\ b\nc", "name").Increment("say \"hi\"\\\n");

        var text = registry.Write();

        Assert.Contains("# HELP x_total a \\\\ b\\nc\n", text, StringComparison.Ordinal);
        Assert.Contains("""x_total{name="say \"hi\"\\\n"} 1""", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_counts_cumulatively_with_sum_and_count()
    {
        var registry = new MetricRegistry();
        var seconds = registry.AddHistogram("seconds", "Seconds.", [0.1, 1], "route");
        foreach (var value in new[] { 0.1, 0.5, 7 })
        {
            seconds.Observe(value, "/a");
        }

        Assert.EndsWith(
            """
            seconds_bucket{route="/a",le="0.1"} 1
            seconds_bucket{route="/a",le="1"} 2
            seconds_bucket{route="/a",le="+Inf"} 3
            seconds_sum{route="/a"} 7.6
            seconds_count{route="/a"} 3

            """,
            registry.Write(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Label_values_without_bound_do_not_grow_a_metric_without_bound()
    {
        var registry = new MetricRegistry();
        var counter = registry.AddCounter("x_total", "X.", "name");
        for (var number = 0; number < 5000; number++)
        {
            counter.Increment($"n{number}");
        }

        Assert.InRange(registry.Write().Count(c => c == '\n'), 1, 1100);
    }

    [Theory]
    [InlineData("1x")]
    [InlineData("a-b")]
    [InlineData("")]
    public void A_name_the_format_does_not_allow_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => new MetricRegistry().AddCounter(name, "X."));

    [Fact]
    public async Task Counting_from_many_threads_loses_nothing()
    {
        var counter = new MetricRegistry().AddCounter("x_total", "X.");

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var count = 0; count < 10_000; count++)
            {
                counter.Increment();
            }
        })));

        Assert.Equal(80_000, counter.Value());
    }
}
