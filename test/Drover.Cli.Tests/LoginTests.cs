using Drover.Runtime.Configuration;
using Drover.Server;
using Drover.Terminal;
using Drover.Testing.Agents;
using Drover.Testing.Server;

namespace Drover.Cli.Tests;

/// <summary><c>drover login</c> against a real server over TLS, as a person at a terminal and as a script.</summary>
public sealed class LoginTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _home = new();
    private ServerFixture _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = await ServerFixture.StartAsync(configure: OverTls);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _home.Dispose();
    }

    private string LoginFile => _home.File(".config/drover/login.json");

    private string Address => _server.Role.Address.GetLeftPart(UriPartial.Authority);

    [Fact]
    public async Task With_the_pin_and_a_token_on_standard_input_every_verb_speaks_to_that_server_until_logout()
    {
        var login = await RunAsync(_server.AdminToken + "\n", false, "login", Address, "--pin", _server.Role.Pin!);
        Assert.Equal((ExitCode.Ok, ""), (login.Code, login.Error));
        Assert.Contains("as admin (admin); saved in", login.Out, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(LoginFile));

        Assert.Equal(ExitCode.Ok, (await RunAsync("", false, "hosts")).Code);
        Assert.Equal(ExitCode.Ok, (await RunAsync("", false, "logout")).Code);
        Assert.False(File.Exists(LoginFile));
    }

    [Fact]
    public async Task At_a_terminal_the_pin_is_shown_and_only_a_yes_trusts_it()
    {
        var no = await RunAsync("y\n", true, "login", Address);
        Assert.Equal(ExitCode.Refused, no.Code);
        Assert.Contains(_server.Role.Pin!, no.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(LoginFile));

        var yes = await RunAsync($"yes\n{_server.AdminToken}\n", true, "login", Address);
        Assert.Equal(ExitCode.Ok, yes.Code);
        Assert.DoesNotContain(_server.AdminToken, yes.Out + yes.Error, StringComparison.Ordinal);
        Assert.Equal(1, _hidden);
        Assert.Equal(ExitCode.Ok, (await RunAsync("", false, "hosts")).Code);
    }

    [Fact]
    public async Task A_script_without_the_pin_is_refused_and_told_what_was_shown()
    {
        var refused = await RunAsync(_server.AdminToken, false, "login", Address);

        Assert.Equal(ExitCode.Refused, refused.Code);
        Assert.Contains(_server.Role.Pin!, refused.Error, StringComparison.Ordinal);
        Assert.Contains("--pin", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(LoginFile));
    }

    [Fact]
    public async Task A_wrong_token_is_refused_and_nothing_is_saved()
    {
        var wrong = "dra_" + new string('x', 43);
        var refused = await RunAsync(wrong, false, "login", Address, "--pin", _server.Role.Pin!);

        Assert.Equal(ExitCode.Refused, refused.Code);
        Assert.Contains("the token is wrong, expired or revoked", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(wrong, refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(LoginFile));
    }

    [Fact]
    public async Task A_token_file_is_taken_and_plain_http_off_loopback_is_not()
    {
        var file = _home.File("token");
        await File.WriteAllTextAsync(file, _server.AdminToken + "\n", TestContext.Current.CancellationToken);
        Assert.Equal(
            ExitCode.Ok,
            (await RunAsync("", false, "login", Address, "--pin", _server.Role.Pin!, "--token-file", file)).Code);

        var plain = await RunAsync("", false, "login", "http://drover.example.com:7780", "--token-file", file);
        Assert.Equal(ExitCode.ConfigInvalid, plain.Code);
        Assert.Contains("plain HTTP would show the token", plain.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_another_key_than_at_the_login_gets_no_token()
    {
        await RunAsync(_server.AdminToken, false, "login", Address, "--pin", _server.Role.Pin!);
        await using var other = await ServerFixture.StartAsync(configure: OverTls);
        var text = await File.ReadAllTextAsync(LoginFile, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            LoginFile,
            text.Replace(
                Address, other.Role.Address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal),
            TestContext.Current.CancellationToken);

        var refused = await RunAsync("", false, "hosts");
        Assert.Equal(ExitCode.NotReachable, refused.Code);
        Assert.Contains("its certificate has another key than the pinned one", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_file_that_is_open_cut_or_newer_is_refused_with_what_to_do()
    {
        await RunAsync(_server.AdminToken, false, "login", Address, "--pin", _server.Role.Pin!);
        var whole = await File.ReadAllTextAsync(LoginFile, TestContext.Current.CancellationToken);

        File.SetUnixFileMode(LoginFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", (await RunAsync("", false, "hosts")).Error, StringComparison.Ordinal);
        File.SetUnixFileMode(LoginFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(LoginFile, whole[..30], TestContext.Current.CancellationToken);
        Assert.Contains("it is not whole", (await RunAsync("", false, "hosts")).Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            LoginFile, """{"version":2,"server":"x","token":"y"}""", TestContext.Current.CancellationToken);
        var newer = await RunAsync("", false, "hosts");
        Assert.Equal(ExitCode.ConfigInvalid, newer.Code);
        Assert.Contains("a newer Drover wrote it", newer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_wins_over_the_login()
    {
        await RunAsync(_server.AdminToken, false, "login", Address, "--pin", _server.Role.Pin!);

        var local = new CliRun().With("HOME", _home.Path).With("DROVER_DATA_DIR", _home.File("none"));
        Assert.Equal(ExitCode.NotReachable, await local.RunAsync("hosts"));
        Assert.Contains("there is no such socket", local.Error.ToString(), StringComparison.Ordinal);

        var named = new CliRun().With("HOME", _home.Path)
            .With("DROVER_SERVER", Address)
            .With("DROVER_SERVER_PIN", _server.Role.Pin!)
            .With("DROVER_TOKEN", _server.AdminToken);
        Assert.Equal(ExitCode.Ok, await named.RunAsync("hosts"));
    }

    [Fact]
    public async Task On_a_terminal_a_new_token_is_one_line_to_paste_and_elsewhere_a_file_of_its_owner()
    {
        await RunAsync(_server.AdminToken, false, "login", Address, "--pin", _server.Role.Pin!);

        var shown = await RunAsync("", true, "token", "create");
        Assert.Matches(
            $"^drover host-agent --server {Address} --pin {_server.Role.Pin} --enroll dre_[A-Za-z0-9_-]{{43}}\n$",
            shown.Out);

        var kept = await RunAsync("", false, "token", "create", "--advertise", "https://drover.example.com:443");
        var match = System.Text.RegularExpressions.Regex.Match(
            kept.Out, "^DROVER_ENROLL_TOKEN_FILE=(\\S+) drover host-agent --server https://drover.example.com --pin");
        Assert.True(match.Success, kept.Out);
        var file = match.Groups[1].Value;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var token = (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Trim();
        Assert.StartsWith("dre_", token, StringComparison.Ordinal);
        Assert.DoesNotContain(token, kept.Out + kept.Error, StringComparison.Ordinal);

        var piped = await RunAsync("", false, "token", "create", "--file", "-");
        Assert.Matches("^dre_[A-Za-z0-9_-]{43}\n$", piped.Out);
    }

    private int _hidden;

    private static ServerOptions OverTls(ServerOptions options) => options with { Tls = true };

    private async Task<(ExitCode Code, string Out, string Error)> RunAsync(
        string input, bool isTerminal, params string[] arguments)
    {
        var run = new CliRun();
        var environment = new Dictionary<string, string> { ["HOME"] = _home.Path };
        var host = new CliHost(
            run.Screen(terminal: isTerminal),
            new EnvironmentVariables(environment.GetValueOrDefault),
            TimeProvider.System)
        {
            Input = new TerminalInput(() => new StringReader(input), isTerminal, Hide),
        };
        var code = await CommandLine.RunAsync(arguments, host);
        return (code, run.Out.ToString(), run.Error.ToString());
    }

    private StringReader Hide()
    {
        _hidden++;
        return new StringReader("");
    }
}
