using System.Text.Json;

namespace Drover.EndToEnd;

/// <summary>What an admin does to a host or a token, as programs read it.</summary>
public sealed class HostVerbTests
{
    [Fact]
    public async Task What_is_done_to_a_host_is_told_to_programs_as_the_host_is_now()
    {
        await using var machine = new Machine();
        await machine.ServerAsync();
        var file = Path.Combine(machine.Folder, "join");
        (await machine.RunAsync("token", "create", "--name", "far-away", "--file", file)).MustBe(0);
        (await machine.RunAsync(
            [("DROVER_DATA_DIR", Path.Combine(machine.Folder, "agent")), ("DROVER_ENROLL_TOKEN_FILE", file)],
            "host-agent", "--once", "--server", machine.Address)).MustBe(0);

        Assert.True((await DoneAsync(machine, "rotate-key", "far-away")).TryGetProperty("key_ordered_at", out _));
        Assert.True((await DoneAsync(machine, "legacy", "far-away", "on")).GetProperty("legacy").GetBoolean());
        Assert.Equal("revoked", (await DoneAsync(machine, "revoke", "far-away")).GetProperty("state").GetString());
        Assert.Equal("far-away", (await DoneAsync(machine, "remove", "far-away")).GetProperty("removed").GetString());
        Assert.Equal(0, (await machine.RunAsync("hosts", "-o", "json")).MustBe(0).Json.GetArrayLength());
    }

    [Fact]
    public async Task The_end_of_a_token_is_told_to_programs_by_its_id()
    {
        await using var machine = new Machine();
        await machine.ServerAsync();
        var file = Path.Combine(machine.Folder, "reader");
        var made = (await machine.RunAsync("token", "create", "--role", "viewer", "--file", file, "-o", "json"))
            .MustBe(0).Json;
        var id = made.GetProperty("token_id").GetString()!;

        var ended = (await machine.RunAsync("token", "revoke", id, "-o", "json")).MustBe(0).Json;

        Assert.Equal(id, ended.GetProperty("revoked").GetString());
    }

    private static async Task<JsonElement> DoneAsync(Machine machine, params string[] verb) =>
        (await machine.RunAsync(["hosts", .. verb, "-o", "json"])).MustBe(0).Json;
}
