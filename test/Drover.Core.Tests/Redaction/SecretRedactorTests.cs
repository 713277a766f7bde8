using System.Diagnostics;
using System.Text;
using Drover.Core.Redaction;

namespace Drover.Core.Tests.Redaction;

public sealed class SecretRedactorTests
{
    private static readonly string[] Fragments =
    [
        "password", "DB_PASSWORD", "token", "x-api-key", "Authorization", "Cookie", "secret", "sig", "pwd", "=", ":",
        ": ", " = ", "=>", ":=", "\"", "'", "\\\"", "`", " ", "\t", ",", ";", "&", "?", "{", "}", "[", "]", "(", ")",
        "<", ">", "</", "***", "Bearer ", "Basic ", "dXNlcjpwYXNz", "://", "user", "@", "/", "#", "--", "-",
        "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "AKIAIOSFODNN7EXAMPLE", "eyJhbGciOiJIUzI1NiJ9", ".",
        "hunter2", "null", "12", "\n", "\r", "\0", "é", "\ud83d", "PASSWORD '", "Some(\"", "%s", "${X}", "aaaa",
    ];

    [Fact]
    public void Redacting_is_idempotent_and_never_throws_whatever_the_line()
    {
        const int Seed = 20260102;
        var random = new Random(Seed);
        var builder = new StringBuilder();
        for (var round = 0; round < 50_000; round++)
        {
            builder.Clear();
            for (var count = random.Next(1, 14); count > 0; count--)
            {
                builder.Append(Fragments[random.Next(Fragments.Length)]);
            }

            var line = builder.ToString();
            var once = SecretRedactor.Redact(line);
            var twice = SecretRedactor.Redact(once.Text);
            Assert.True(
                once.Text == twice.Text && !twice.Redacted,
                $"seed {Seed}: {line}\nonce  {once.Text}\ntwice {twice.Text}");
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData("password=")]
    [InlineData("token: ")]
    [InlineData("authorization: foo ")]
    [InlineData("<password>")]
    [InlineData("://a:")]
    [InlineData("-----BEGIN ")]
    [InlineData("eyJhbGciOiJI.")]
    [InlineData("token=[")]
    [InlineData("password=,,,a,")]
    [InlineData("bearer ")]
    [InlineData("\"password\":\"")]
    [InlineData("--token ")]
    [InlineData("cookie: \"")]
    [InlineData("identified by '")]
    [InlineData("=")]
    public void A_line_of_1_MiB_takes_linear_time_whatever_it_repeats(string piece)
    {
        // Twice the line may take about twice the time; a quadratic scan would take hours here and fail by far.
        var line = string.Concat(Enumerable.Repeat(piece, (1 << 20) / piece.Length));
        SecretRedactor.Redact(line[..4096]);
        var watch = Stopwatch.StartNew();
        SecretRedactor.Redact(line);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{piece}: {watch.Elapsed}");
    }

    [Theory]
    [InlineData("DB_PASSWORD", "hunter2", "***")]
    [InlineData("com.example.api-key", "abc", "***")]
    [InlineData("com.example.url", "postgres://u:p@h/d", "postgres://u:***@h/d")]
    [InlineData("com.example.name", "web", "web")]
    [InlineData("PASSWORD_FILE", "/run/secrets/db", "/run/secrets/db")]
    [InlineData("token", "", "")]
    public void A_value_whose_key_is_known_is_redacted_by_its_key(string key, string value, string expected) =>
        Assert.Equal(new RedactedText(expected, expected != value), SecretRedactor.RedactValue(key, value));
}
