using System.Text.Json;

namespace Drover.EndToEnd;

/// <summary>Tokens by the command line: into a file, in the list, and ended.</summary>
public sealed class TokenTests
{
    [Fact]
    public async Task Tokens_of_both_kinds_go_into_files_of_their_owner_and_are_listed_without_their_secrets()
    {
        await using var machine = new Machine();
        await machine.ServerAsync();
        var enrollment = await CreateAsync(machine, "join", "--name", "far-away");
        var api = await CreateAsync(machine, "reader", "--role", "viewer", "--name", "dashboards");

        var list = (await machine.RunAsync("token", "list")).MustBe(0).Out;
        Assert.DoesNotContain(enrollment, list, StringComparison.Ordinal);
        Assert.DoesNotContain(api, list, StringComparison.Ordinal);
        var host = Find(await ListAsync(machine), "far-away");
        Assert.Equal("enrollment", host.GetProperty("kind").GetString());
        Assert.True(host.TryGetProperty("expires_at", out _));
        var reader = Find(await ListAsync(machine), "dashboards");
        Assert.Equal("api", reader.GetProperty("kind").GetString());
        Assert.Equal("viewer", reader.GetProperty("role").GetString());
        Assert.False(reader.TryGetProperty("revoked_at", out _));
    }

    [Fact]
    public async Task A_token_that_was_revoked_opens_nothing_and_the_list_says_so()
    {
        await using var machine = new Machine();
        await machine.ServerAsync();
        await CreateAsync(machine, "reader", "--role", "viewer", "--name", "dashboards");
        (string, string)[] viewer =
        [
            ("DROVER_SERVER", machine.Address), ("DROVER_TOKEN_FILE", Path.Combine(machine.Folder, "reader")),
        ];
        (await machine.RunAsync(viewer, "hosts")).MustBe(0);

        var id = Find(await ListAsync(machine), "dashboards").GetProperty("token_id").GetString()!;
        (await machine.RunAsync("token", "revoke", id)).MustBe(0);

        (await machine.RunAsync(viewer, "hosts")).MustBe(4);
        Assert.True(Find(await ListAsync(machine), "dashboards").TryGetProperty("revoked_at", out _));
        (await machine.RunAsync("token", "revoke", id)).MustBe(5);
    }

    /// <summary>Makes a token into a file and gives its secret, which must be nowhere else.</summary>
    private static async Task<string> CreateAsync(Machine machine, string file, params string[] options)
    {
        var path = Path.Combine(machine.Folder, file);
        var made = (await machine.RunAsync(["token", "create", "--file", path, .. options])).MustBe(0);
        var secret = (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).Trim();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.StartsWith("dr", secret, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, made.Out + made.Error, StringComparison.Ordinal);
        return secret;
    }

    private static async Task<List<JsonElement>> ListAsync(Machine machine) =>
        [.. (await machine.RunAsync("token", "list", "-o", "json")).MustBe(0).Json.EnumerateArray()];

    private static JsonElement Find(List<JsonElement> tokens, string name) =>
        tokens.Single(one => one.GetProperty("name").GetString() == name);
}
