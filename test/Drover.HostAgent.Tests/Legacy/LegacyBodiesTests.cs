using System.Text;
using System.Text.Json;
using Drover.HostAgent.Legacy;
using Drover.Testing.Legacy;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Tests.Legacy;

public sealed class LegacyBodiesTests
{
    private static readonly DateTimeOffset At = new(2023, 11, 15, 11, 0, 0, 750, TimeSpan.FromHours(1));

    [Fact]
    public void The_report_of_the_vector_is_written_byte_for_byte_and_signed_as_it_says()
    {
        var report = new ReportRequest(
            "cmd-1", "dep-hash-123", "success", At, At, null, null, null, ControlPlanes.ComposeAgent);
        var body = LegacyBodies.Of(report);
        Assert.Equal(
            """{"command_id":"cmd-1","completed_at":"2023-11-15T10:00:00Z","deployment_hash":"dep-hash-123","error":null,"executed_by":"compose_agent","status":"success"}""",
            Encoding.UTF8.GetString(body));
        Assert.Equal(155, body.Length);
        Assert.Equal("x9ZRhSL4DHeQbhrm3Sg113eD+jAWvCWXDZAACOwuHaU=", OldAgent.Signature("token-abc", body));
    }

    [Fact]
    public void A_failure_carries_its_errors_in_their_place_and_no_escapes_that_json_does_not_need()
    {
        var report = new ReportRequest(
            "cmd-1", "hash", "failed", At, null, JsonDocument.Parse("""{"a":"é+<"}""").RootElement, "cannot: \"é\"",
            [new CommandErrorDto("x", "cannot: é")], ControlPlanes.StatusPanel);
        Assert.Equal(
            """{"command_id":"cmd-1","completed_at":"2023-11-15T10:00:00Z","deployment_hash":"hash","error":"cannot: \"é\"","errors":[{"code":"x","message":"cannot: é"}],"executed_by":"status_panel","result":{"a":"é+<"},"status":"failed"}""",
            Encoding.UTF8.GetString(LegacyBodies.Of(report)));
    }

    [Fact]
    public void An_app_status_is_written_in_alphabetical_order() => Assert.Equal(
        """{"app_code":"web","deployment_hash":"hash","logs":["a [stdout] b"],"status":"running","timestamp":"2023-11-15T10:00:00Z"}""",
        Encoding.UTF8.GetString(
            LegacyBodies.Of(new AppStatusRequest("hash", "web", "running", ["a [stdout] b"], At))));
}
