using System.Net;
using System.Text.Json;
using Drover.Commands;
using Drover.Runtime.Configuration;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.People;

namespace Drover.Cli.Tests;

public sealed class EventTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_went_wrong_comes_first_ids_last_and_what_the_subject_says_is_left_out() =>
        Assert.Equal(
            "error=no type=restart by=alice command_id=cmd_6f3875ee",
            EventText.Details(new EventDto(
                "1",
                "command.failed",
                Now,
                "/hosts/alpha",
                "web",
                "error",
                JsonDocument.Parse(
                    """
                    {"command_id":"cmd_6f3875ee-203c-47b8-b6e3-5ce4f179f105","type":"restart","app_code":"web",
                     "by":"alice","error":"no","reason":null}
                    """).RootElement)));

    [Fact]
    public void A_moment_says_its_zone()
    {
        var zone = TimeZoneInfo.CreateCustomTimeZone("ahead", TimeSpan.FromHours(2), "ahead", "ahead");

        Assert.Equal("2026-01-31 08:00:00Z", TimeText.Clock(Now, TimeZoneInfo.Utc));
        Assert.Equal("2026-01-31 10:00:00+02:00", TimeText.Clock(Now, zone));
    }

    [Fact]
    public void Times_on_the_wire_end_with_z_whatever_their_offset()
    {
        var one = new EventDto("1", "host.live", Now.ToOffset(TimeSpan.FromHours(2)), "/server", null, "info", null);

        Assert.Contains(
            "\"time\":\"2026-01-31T08:00:00Z\"",
            JsonSerializer.Serialize(one, WireJson.Default.EventDto),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_that_is_refused_is_named_and_a_refusal_by_policy_points_at_the_host()
    {
        var environment = new EnvironmentVariables(name => name switch
        {
            "DROVER_SERVER" => "https://drover.example.com",
            "DROVER_TOKEN_FILE" => "/run/token",
            _ => null,
        });

        Assert.Equal(
            "cannot sign in at \"https://drover.example.com\": the token in \"/run/token\" is wrong, expired or "
                + "revoked",
            ProblemAdvice.Sentence(Problem(HttpStatusCode.Unauthorized, Problems.Unauthorized), environment));
        Assert.Contains(
            "--role viewer|operator|admin",
            ProblemAdvice.Of(Problem(HttpStatusCode.Unauthorized, Problems.Unauthorized)).Hint,
            StringComparison.Ordinal);
        var (code, hint) = ProblemAdvice.Of(Problem(HttpStatusCode.Forbidden, Problems.PolicyDenied));
        Assert.Equal(ExitCode.Refused, code);
        Assert.Contains("host_agent.policy", hint, StringComparison.Ordinal);
    }

    private static ServerProblemException Problem(HttpStatusCode status, string name) =>
        new(status, new ProblemDto(Problems.Prefix + name, name, (int)status, "No."));
}
