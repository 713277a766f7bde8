using System.Text;
using System.Text.Json;
using Drover.Core.Events;
using Drover.Runtime.Configuration;
using Drover.Runtime.Events;
using Drover.Runtime.Events.Webhooks;
using Drover.Wire.People;

namespace Drover.Runtime.Tests.Events.Webhooks;

/// <summary>What is sent: signatures, CloudEvents, messages for Slack.</summary>
public sealed class WebhookBodyTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Signatures_are_those_of_Standard_Webhooks()
    {
        // The vector that implementations of it in other languages publish.
        var signature = WebhookSignature.Sign(
            new Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            DateTimeOffset.FromUnixTimeSeconds(1614265330),
            Encoding.UTF8.GetBytes("""{"test": 2432232314}"""));

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Fact]
    public void Two_keys_give_two_signatures_so_that_receivers_can_change_over()
    {
        const string Old = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        const string New = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        var both = WebhookSignature.Sign(new Secret($"{New}\n{Old}\n"), "7-1", Noon, "{}"u8);

        Assert.Equal(
            $"{WebhookSignature.Sign(new Secret(New), "7-1", Noon, "{}"u8)} "
                + WebhookSignature.Sign(new Secret(Old), "7-1", Noon, "{}"u8),
            both);
    }

    [Theory]
    [InlineData("correct-horse-battery")]
    [InlineData("whsec_not base64!")]
    [InlineData("whsec_c2hvcnQ=")]
    [InlineData(" ")]
    public void A_key_that_is_none_is_told_without_saying_it(string key)
    {
        var error = Assert.Throws<ConfigurationException>(
            () => WebhookSignature.Sign(new Secret(key), "7-1", Noon, "{}"u8));

        Assert.DoesNotContain("horse", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c2hvcnQ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not base64!", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_is_a_CloudEvent_1_0_in_structured_json()
    {
        using var body = JsonDocument.Parse(CloudEventBody.Of(Event("dutybound", ("duration_ms", 812))));
        var root = body.RootElement;

        Assert.Equal(
            ["specversion", "id", "source", "type", "time", "subject", "severity", "datacontenttype", "data"],
            root.EnumerateObject().Select(attribute => attribute.Name));
        Assert.Equal("1.0", root.GetProperty("specversion").GetString());
        Assert.Equal("7-1", root.GetProperty("id").GetString());
        Assert.Equal("/gateways/edge", root.GetProperty("source").GetString());
        Assert.Equal("agent.degraded", root.GetProperty("type").GetString());
        Assert.Equal("2026-11-21T12:00:00Z", root.GetProperty("time").GetString());
        Assert.Equal("error", root.GetProperty("severity").GetString());
        Assert.Equal(812, root.GetProperty("data").GetProperty("duration_ms").GetInt32());
    }

    [Fact]
    public void An_event_about_nothing_has_no_subject()
    {
        using var body = JsonDocument.Parse(CloudEventBody.Of(Event("") with { Data = null }));

        Assert.False(body.RootElement.TryGetProperty("subject", out _));
        Assert.False(body.RootElement.TryGetProperty("data", out _));
    }

    [Fact]
    public void A_message_for_Slack_has_severity_agent_and_a_sentence()
    {
        var text = SlackText(Event("dutybound", ("message", "no such image")));

        Assert.Contains(":red_circle: *dutybound* agent.degraded (error)", text, StringComparison.Ordinal);
        Assert.Contains(EventTypes.AgentDegraded.Meaning, text, StringComparison.Ordinal);
        Assert.Contains("message: no such image", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Slack_text_is_escaped_nothing_in_an_event_mentions_people_or_makes_links()
    {
        var text = SlackText(Event(
            "<!channel>",
            ("message", "<https://evil.example|click> *bold* `code` & <@U123>\n> quote\u2028end")));

        Assert.DoesNotContain("<", text, StringComparison.Ordinal);
        Assert.DoesNotContain(">", text, StringComparison.Ordinal);
        Assert.Contains("&lt;!channel&gt;", text, StringComparison.Ordinal);
        Assert.Contains("&amp; &lt;@U123&gt; &gt; quote end", text, StringComparison.Ordinal);
        Assert.DoesNotContain("*bold*", text, StringComparison.Ordinal);
        Assert.DoesNotContain("`code`", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_for_Slack_is_bounded()
    {
        var fields = Enumerable.Range(0, 100)
            .Select(number => ($"field{number}", (object?)new string('&', 900))).ToArray();

        Assert.InRange(SlackText(Event("scout", fields)).Length, 200, 3200);
    }

    private static string SlackText(EventDto one)
    {
        using var body = JsonDocument.Parse(SlackBody.Of(one));
        Assert.False(body.RootElement.GetProperty("unfurl_links").GetBoolean());
        return body.RootElement.GetProperty("text").GetString()!;
    }

    private static EventDto Event(string subject, params (string Name, object? Value)[] data) => new(
        "7-1", "agent.degraded", Noon, "/gateways/edge", subject, "error", EventData.Of(data));
}
