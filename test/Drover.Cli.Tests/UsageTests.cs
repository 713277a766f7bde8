using Drover.Commands;
using Drover.Roles;
using Drover.Testing.Agents;

namespace Drover.Cli.Tests;

public sealed class UsageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("restrat web", "there is no verb \"drover restrat\"", "did you mean \"restart\"?")]
    [InlineData("token creat", "there is no verb \"drover token creat\"", "did you mean \"create\"?")]
    [InlineData("token", "\"drover token\" needs one of: create, list, revoke", "drover token --help")]
    [InlineData("logs", "\"drover logs\" needs APP", "drover logs --help")]
    [InlineData("completion", "\"drover completion\" needs bash|zsh|fish", "drover completion --help")]
    [InlineData("restart web --reason", "--reason needs a value: TEXT", "drover restart --help")]
    [InlineData("ps web", "\"drover ps\" takes no argument; \"web\" is one too many", "drover ps --help")]
    [InlineData("restart web db", "takes only APP; \"db\" is one too many", "drover restart --help")]
    [InlineData("help restrat", "there is no verb \"drover restrat\"", "did you mean \"restart\"?")]
    [InlineData("token creat --help", "there is no verb \"drover token creat\"", "did you mean \"create\"?")]
    [InlineData("logs web --since 2999-01-01", "--since \"2999-01-01\" is a time that is still to come", "--help")]
    [InlineData("ps --wacth", "there is no option \"--wacth\" of \"drover ps\"", "did you mean \"--watch\"?")]
    [InlineData("ps --output xml", "--output takes table, json, not \"xml\"", "drover ps --help")]
    [InlineData("logs web -n 5000", "-n takes 1 to 1000, not \"5000\"", "drover logs --help")]
    [InlineData("logs web --since soon", "--since takes a duration such as 10m", "drover logs --help")]
    [InlineData("restart web --timeout 9h", "--timeout takes 1s to 5m, not \"9h\"", "drover restart --help")]
    [InlineData("logs web -n abc", "-n takes 1 to 1000, not \"abc\"", "drover logs --help")]
    [InlineData("commands -n 0", "-n takes 1 to 500, not \"0\"", "drover commands --help")]
    [InlineData("ps /?", "\"drover ps\" takes no argument; \"/?\" is one too many", "drover ps --help")]
    [InlineData("-x", "there is no option \"-x\" of \"drover\"", "drover --help")]
    [InlineData("completion tcsh", "bash, zsh and fish, not for \"tcsh\"", "drover completion --help")]
    public async Task A_command_line_that_cannot_be_understood_ends_with_2_a_sentence_and_a_hint(
        string line, string sentence, string hint)
    {
        var run = new CliRun();

        var code = await run.RunAsync(line.Split(' '));

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(sentence, run.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains(hint, run.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(run.Out.ToString());
    }

    [Fact]
    public async Task For_an_option_of_one_letter_nothing_is_guessed()
    {
        var run = new CliRun();

        Assert.Equal(ExitCode.Usage, await run.RunAsync("ps", "-a"));
        Assert.DoesNotContain("did you mean", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_argument_shows_the_help_with_every_verb_in_a_group()
    {
        var run = new CliRun();

        Assert.Equal(ExitCode.Ok, await run.RunAsync());

        var visible = new CommandTree(run.Host()).Root.Subcommands.Where(command => !command.Hidden)
            .Select(command => command.Name);
        Assert.Equal(visible.Order(), Help.Groups.SelectMany(group => group.Verbs).Order());
        Assert.All(visible, verb => Assert.Contains($"\n  {verb}", run.Out.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("logs --help")]
    [InlineData("token create -h")]
    [InlineData("restart --help")]
    [InlineData("help")]
    [InlineData("help token create")]
    public async Task Help_wins_over_what_is_missing(string line)
    {
        var run = new CliRun();

        Assert.Equal(ExitCode.Ok, await run.RunAsync(line.Split(' ')));
        Assert.Contains("Usage", run.Out.ToString(), StringComparison.Ordinal);
        Assert.Empty(run.Error.ToString());
    }

    [Fact]
    public async Task Every_verb_and_option_says_what_it_does()
    {
        var run = new CliRun();
        await Task.CompletedTask;

        void Check(System.CommandLine.Command command)
        {
            Assert.False(string.IsNullOrWhiteSpace(command.Description), command.Name);
            Assert.All(
                command.Options,
                option => Assert.False(string.IsNullOrWhiteSpace(option.Description), $"{command.Name} {option.Name}"));
            foreach (var sub in command.Subcommands)
            {
                Check(sub);
            }
        }

        Check(new CommandTree(run.Host()).Root);
    }

    [Fact]
    public async Task Without_a_server_the_sentence_names_the_socket_and_the_exit_code_is_3()
    {
        var folder = _directory.Path;
        var run = new CliRun().With("DROVER_DATA_DIR", folder);

        Assert.Equal(ExitCode.NotReachable, await run.RunAsync("ps"));

        Assert.Contains(
            $"cannot reach the server: at \"{folder}/server.sock\" there is no such socket",
            run.Error.ToString(),
            StringComparison.Ordinal);
        Assert.Contains("drover up", run.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://drover.example.com:7780", "plain HTTP would show the token")]
    [InlineData("drover.example.com", "it is not an address")]
    [InlineData("https://drover.example.com", "no token is")]
    public async Task A_server_address_that_would_be_unsafe_or_useless_is_refused(string server, string sentence)
    {
        var run = new CliRun().With("DROVER_SERVER", server);

        Assert.Equal(ExitCode.ConfigInvalid, await run.RunAsync("hosts"));
        Assert.Contains(sentence, run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_configuration_is_refused_with_every_problem_and_exit_code_8()
    {
        var file = _directory.File("drover.yaml");
        await File.WriteAllTextAsync(
            file,
            "server:\n  listen: 0.0.0.0:7780\n  tls:\n    enabled: false\n",
            TestContext.Current.CancellationToken);
        var offLoopback = new CliRun();
        Assert.Equal(ExitCode.ConfigInvalid, await offLoopback.RunAsync("config", "check", "--config", file));
        Assert.Contains(
            $"{file}:4:14: server.listen \"0.0.0.0:7780\" is not on loopback",
            offLoopback.Error.ToString(),
            StringComparison.Ordinal);

        await File.WriteAllTextAsync(
            file,
            "server:\n  lisen: 127.0.0.1:7780\nhost_agents:\n  name: web\n",
            TestContext.Current.CancellationToken);
        var unknown = new CliRun();
        Assert.Equal(ExitCode.ConfigInvalid, await unknown.RunAsync("up", "--config", file));
        Assert.Contains(
            "2:3: unknown key \"server.lisen\"; did you mean \"listen\"?",
            unknown.Error.ToString(),
            StringComparison.Ordinal);
        Assert.Contains(
            "3:1: unknown key \"host_agents\"; did you mean \"host_agent\"?",
            unknown.Error.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Problems_of_the_configuration_are_told_to_programs_by_line_and_column()
    {
        var file = _directory.File("drover.yaml");
        await File.WriteAllTextAsync(
            file, "server:\n  lisen: 127.0.0.1:7780\n", TestContext.Current.CancellationToken);
        var run = new CliRun();

        Assert.Equal(
            ExitCode.ConfigInvalid, await run.RunAsync("config", "check", "--config", file, "--output", "json"));

        using var told = System.Text.Json.JsonDocument.Parse(run.Out.ToString());
        var problem = Assert.Single(told.RootElement.GetProperty("problems").EnumerateArray());
        Assert.Equal(2, problem.GetProperty("line").GetInt32());
        Assert.Equal(3, problem.GetProperty("column").GetInt32());
        Assert.Contains("did you mean", problem.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(file, told.RootElement.GetProperty("file").GetString());
    }

    [Theory]
    [InlineData("drover ", "restart")]
    [InlineData("drover re", "restart")]
    [InlineData("drover ps --", "--watch")]
    [InlineData("drover ps --output ", "json")]
    [InlineData("drover completion ", "fish")]
    [InlineData("/usr/bin/drover token ", "revoke")]
    [InlineData("drover events --type host.", "host.offline")]
    public void Completion_offers_verbs_options_and_values(string line, string expected) =>
        Assert.Contains(
            expected, InternalCommand.Candidates(new CommandTree(new CliRun().Host()).Root, line, line.Length));

    [Fact]
    public void Every_verb_that_looks_or_acts_tells_it_to_programs_too()
    {
        // What stays in the foreground, asks a person, or prints what is for programs already.
        string[] others =
        [
            "up", "server", "host-agent", "supervisor run", "gateway", "login", "logout", "completion", "config schema"
        ];
        var concerned = Verbs(new CommandTree(new CliRun().Host()).Root, "")
            .Where(verb => verb.Command.Action is not null && !others.Contains(verb.Path))
            .ToList();

        Assert.True(concerned.Count > 20);
        Assert.All(
            concerned, verb => Assert.Contains(verb.Command.Options, option => option.Name == "--output"));
    }

    private static IEnumerable<(string Path, System.CommandLine.Command Command)> Verbs(
        System.CommandLine.Command above, string path) => above.Subcommands
        .Where(one => !one.Hidden)
        .SelectMany(one => Verbs(one, $"{path} {one.Name}").Prepend(($"{path} {one.Name}".Trim(), one)));

    [Fact]
    public async Task An_empty_app_is_refused_before_the_server_is_asked()
    {
        var run = new CliRun();

        Assert.Equal(ExitCode.Usage, await run.RunAsync("restart", ""));
        Assert.Contains("an app code is missing", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_not_made_when_its_file_cannot_be_written()
    {
        // Without a server the order itself would end with another code: the file is looked at first.
        var run = new CliRun().With("DROVER_DATA_DIR", _directory.Path);

        Assert.Equal(ExitCode.Failed, await run.RunAsync("token", "create", "--file", "/nonexistent/dir/x"));

        Assert.Contains(
            "cannot write the token to \"/nonexistent/dir/x\": there is no such directory; no token was made",
            run.Error.ToString(),
            StringComparison.Ordinal);
        Assert.Contains("hint:", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_never_takes_the_place_of_a_file_that_is_there()
    {
        var folder = _directory.Path;
        var run = new CliRun().With("DROVER_DATA_DIR", folder);
        var file = Path.Combine(folder, "kept");
        await File.WriteAllTextAsync(file, "precious", TestContext.Current.CancellationToken);

        Assert.Equal(ExitCode.Failed, await run.RunAsync("token", "create", "--file", file));

        Assert.Contains(
            $"cannot write the token to \"{file}\": the file is there already; no token was made",
            run.Error.ToString(),
            StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("dra_")]
    [InlineData("dre_")]
    public async Task A_token_that_is_given_for_its_id_goes_nowhere_and_is_not_repeated(string prefix)
    {
        var secret = prefix + new string('A', 43);
        var run = new CliRun().With("DROVER_DATA_DIR", _directory.Path);

        Assert.Equal(ExitCode.Usage, await run.RunAsync("token", "revoke", secret));

        Assert.Contains("cannot revoke a token by its secret", run.Error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, run.Error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:7780", "http://127.0.0.1:7780", true)]
    [InlineData("http://[::1]:7780", "http://127.0.0.1:7780", true)]
    [InlineData("http://127.0.0.1:7781", "http://127.0.0.1:7780", false)]
    [InlineData("https://drover.example.com:7780", "http://127.0.0.1:7780", false)]
    [InlineData("https://Drover.example.com:7780", "https://drover.example.com:7780", true)]
    public void Up_knows_its_own_server_by_any_of_its_names(string named, string own, bool same) =>
        Assert.Equal(same, RoleHost.IsSame(new Uri(named), new Uri(own)));

    [Fact]
    public void Completion_does_not_offer_hidden_verbs() =>
        Assert.DoesNotContain(
            "internal", InternalCommand.Candidates(new CommandTree(new CliRun().Host()).Root, "drover ", 7));
}
