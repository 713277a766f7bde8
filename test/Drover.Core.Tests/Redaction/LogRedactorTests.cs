using Drover.Core.Redaction;

namespace Drover.Core.Tests.Redaction;

public sealed class LogRedactorTests
{
    private const string Body = "MIIEpAIBAAKCAQEA75Lq2z9y1m0vQf3kq1Yh7wJm5h2n8s4t6u9x1c3b5n7m9q2w";

    [Fact]
    public void A_private_key_over_many_lines_leaves_no_line_of_its_body()
    {
        var redactor = new LogRedactor();
        string[] lines =
        [
            "loading",
            "-----BEGIN RSA PRIVATE KEY-----",
            Body,
            Body,
            "abcd==",
            "-----END RSA PRIVATE KEY-----",
            "loaded",
        ];

        var redacted = lines.Select(line => redactor.Redact(line).Text);

        Assert.Equal(
            [
                "loading",
                "-----BEGIN RSA PRIVATE KEY-----",
                "***",
                "***",
                "***",
                "-----END RSA PRIVATE KEY-----",
                "loaded",
            ],
            redacted);
    }

    [Fact]
    public void A_prefix_before_each_line_of_a_key_stays()
    {
        var redactor = new LogRedactor();
        redactor.Redact("web | -----BEGIN PRIVATE KEY-----");

        Assert.Equal(new RedactedText("web | ***", true), redactor.Redact("web | " + Body));
        Assert.Equal("web | -----END PRIVATE KEY-----", redactor.Redact("web | -----END PRIVATE KEY-----").Text);
        Assert.Equal("plain text", redactor.Redact("plain text").Text);
    }

    [Fact]
    public void Another_threads_line_between_two_lines_of_a_key_stays_readable()
    {
        var redactor = new LogRedactor();
        redactor.Redact("-----BEGIN PRIVATE KEY-----");

        Assert.Equal("GET /health 200 in 3 ms", redactor.Redact("GET /health 200 in 3 ms").Text);
        Assert.Equal("***", redactor.Redact(Body).Text);
    }

    [Fact]
    public void A_key_that_never_ends_does_not_hide_the_log_for_ever()
    {
        var redactor = new LogRedactor();
        redactor.Redact("-----BEGIN PRIVATE KEY-----");
        for (var line = 0; line < 1_000; line++)
        {
            redactor.Redact("x");
        }

        Assert.Equal(new RedactedText("done", false), redactor.Redact("done"));
    }

    [Fact]
    public void A_page_that_begins_in_the_middle_of_a_key_shows_no_full_line_of_it()
    {
        Assert.Equal(new RedactedText("***", true), new LogRedactor().Redact(Body));
        Assert.False(
            new LogRedactor().Redact("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08").Redacted);
    }

    [Fact]
    public void A_certificate_is_no_secret_and_opens_nothing()
    {
        var redactor = new LogRedactor();
        redactor.Redact("-----BEGIN CERTIFICATE-----");

        Assert.Equal("abcd==", redactor.Redact("abcd==").Text);
    }
}
