using System.Text;
using System.Text.Json;
using Drover.HostAgent.Legacy;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Tests.Legacy;

public sealed class LegacyCommandsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"item":null}""")]
    [InlineData("""{"item":{}}""")]
    [InlineData("""{"message":"No command available","item":null,"meta":{"next_poll_secs":0}}""")]
    public void An_empty_answer_is_no_command(string body) => Assert.Equal((null, 0), Read(body));

    [Theory]
    [InlineData("5", 5)]
    [InlineData("\"7\"", 7)]
    [InlineData("2.9", 2)]
    [InlineData("-3", 0)]
    [InlineData("1e300", 3600)]
    [InlineData("\"NaN\"", 0)]
    [InlineData("\"soon\"", 0)]
    [InlineData("null", 0)]
    [InlineData("[]", 0)]
    public void The_pause_is_read_as_number_or_text_and_held_within_bounds(string given, int seconds) =>
        Assert.Equal(seconds, Read($$$"""{"item":null,"meta":{"next_poll_secs":{{{given}}}}}""").NextPollSecs);

    [Theory]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{\"item\":")]
    [InlineData("<html>")]
    [InlineData("""{"item":"restart"}""")]
    [InlineData("""{"item":{"type":"restart"}}""")]
    [InlineData("""{"item":{"command_id":"","type":"restart"}}""")]
    [InlineData("""{"item":{"command_id":7,"type":"restart"}}""")]
    public void An_answer_that_makes_no_sense_is_refused(string body) =>
        Assert.ThrowsAny<JsonException>(() => Read(body));

    [Fact]
    public void What_a_command_leaves_out_has_the_older_defaults()
    {
        var command = Command("""{"command_id":"cmd_1"}""");
        Assert.Equal(("cmd_1", "unknown", "normal", 300), (
            command.CommandId, command.Type, command.Priority, command.TimeoutSeconds));
        Assert.Equal("{}", command.Parameters?.GetRawText());
        Assert.Equal("hash-1", command.DeploymentHash);
    }

    [Theory]
    [InlineData("stacker.restart", "restart")]
    [InlineData("restart", "restart")]
    [InlineData("list_containers", "list")]
    [InlineData("stacker.list_containers", "list")]
    [InlineData("exec", "exec")]
    public void A_type_may_carry_a_prefix_or_its_older_name(string given, string type) =>
        Assert.Equal(type, Command($$"""{"command_id":"c","type":"{{given}}"}""").Type);

    [Theory]
    [InlineData("null", "{}")]
    [InlineData("[1]", "{}")]
    [InlineData("""{"app_code":"web"}""", """{"app_code":"web"}""")]
    [InlineData("""{"name":"stacker.logs","params":{"app_code":"web"}}""", """{"app_code":"web"}""")]
    [InlineData("""{"app_code":"web","redact":false}""", """{"app_code":"web"}""")]
    [InlineData("""{"timeout":30}""", """{"timeout":30,"stop_timeout":30}""")]
    [InlineData("""{"timeout":30,"stop_timeout":5}""", """{"timeout":30,"stop_timeout":5}""")]
    [InlineData("""{"cursor":"2026-01-01T00:00:00Z"}""", """{"since":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"cursor":"2026-01-01T00:00:00.1Z#2"}""", """{"cursor":"2026-01-01T00:00:00.1Z#2"}""")]
    [InlineData("""{"cursor":""}""", "{}")]
    public void Parameters_get_our_names_and_nothing_asks_for_secrets(string given, string read) => Assert.Equal(
        read, Command($$"""{"command_id":"c","parameters":{{given}}}""").Parameters?.GetRawText());

    private static CommandDto Command(string item) =>
        Read($$"""{"item":{{item}}}""").Command ?? throw new InvalidOperationException("no command");

    private static (CommandDto? Command, int NextPollSecs) Read(string body) =>
        LegacyCommands.Read(Encoding.UTF8.GetBytes(body), "hash-1", DateTimeOffset.UnixEpoch);
}
