using Drover.Runtime.Configuration;

namespace Drover.Runtime.Tests.Configuration;

public sealed class ConfigReaderTests
{
    private readonly ConfigSection _root = ConfigSection.Root("A file.");
    private readonly ConfigKey<string> _listen;
    private readonly ConfigKey<TimeSpan> _interval;
    private readonly ConfigKey<long> _limit;
    private readonly ConfigKey<int> _retries;
    private readonly ConfigKey<bool> _monitorOnly;
    private readonly ConfigKey<Secret> _token;
    private readonly ConfigKey<IReadOnlyList<string>> _types;
    private readonly ConfigSection _server;

    public ConfigReaderTests()
    {
        _server = _root.Section("server", "The server.");
        _listen = _server.Key("listen", ConfigTypes.Listen, "127.0.0.1:7780", "Where it listens.");
        var agent = _root.Section("host_agent", "The agent.");
        _interval = agent.Key(
            "interval",
            ConfigTypes.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            TimeSpan.FromSeconds(30),
            "How often.");
        _limit = agent.Key("limit", ConfigTypes.Size(1, 1_000_000_000), 10_000_000, "How much.");
        _retries = agent.Key("retries", ConfigTypes.Whole(0, 10), 3, "How many.");
        _token = agent.Optional("token", ConfigTypes.Secret, "A token.");
        var policy = agent.Section("policy", "What is allowed.");
        _monitorOnly = policy.Key("monitor_only", ConfigTypes.Switch, false, "Nothing is changed.");
        _types = policy.Key(
            "allowed_types", ConfigTypes.ListOf(["health", "logs", "restart"]), ["health"], "What is executed.");
    }

    [Fact]
    public void Every_kind_of_value_is_read()
    {
        var document = Read(
            """
            server:
              listen: "[::1]:8000"
            host_agent:
              interval: 1m30s
              limit: 64MiB
              retries: 7
              policy:
                monitor_only: true
                allowed_types: [logs, restart]
            """);

        Assert.Empty(document.Problems);
        Assert.Equal("[::1]:8000", document.Get(_listen));
        Assert.Equal(TimeSpan.FromSeconds(90), document.Get(_interval));
        Assert.Equal(64 << 20, document.Get(_limit));
        Assert.Equal(7, document.Get(_retries));
        Assert.True(document.Get(_monitorOnly));
        Assert.Equal(["logs", "restart"], document.Get(_types)!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("server:\nhost_agent:\n")]
    public void What_is_not_written_has_its_default(string text)
    {
        var document = Read(text);

        Assert.Empty(document.Problems);
        Assert.Equal("127.0.0.1:7780", document.Get(_listen));
        Assert.Equal(TimeSpan.FromSeconds(30), document.Get(_interval));
        Assert.Null(document.Get(_token));
        Assert.Equal(text.Contains("server", StringComparison.Ordinal), document.Has(_server));
    }

    [Fact]
    public void An_unknown_key_is_refused_with_its_place_and_the_nearest_name()
    {
        var problem = Assert.Single(Read("server:\n  lisen: 127.0.0.1:1\n").Problems);

        Assert.Equal("2:3: unknown key \"server.lisen\"; did you mean \"listen\"?", problem.ToString());
    }

    [Fact]
    public void An_unknown_key_that_resembles_nothing_lists_what_is_known()
    {
        var problem = Assert.Single(Read("gateway_thing: 1\n").Problems);

        Assert.Equal("unknown key \"gateway_thing\"; known here: server, host_agent", problem.Message);
    }

    [Fact]
    public void All_problems_are_collected_in_the_order_of_the_file()
    {
        var problems = Read(
            """
            server:
              listen: nowhere
            host_agent:
              intervall: 5s
              interval: 5 parsecs
              limit: lots
              retries: 99
              policy:
                monitor_only: yes
                allowed_types: [logs, reboot]
            """).Problems;

        Assert.Equal([2, 4, 5, 6, 7, 9, 10], problems.Select(problem => (int)problem.Line));
        Assert.Contains(
            "host_agent.retries takes a whole number from 0 to 10, not \"99\"",
            problems[4].Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "host_agent.policy.monitor_only takes true or false, not \"yes\"",
            problems[5].Message,
            StringComparison.Ordinal);
        Assert.Contains("health, logs, restart, not \"reboot\"", problems[6].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_written_twice_is_refused_and_the_first_is_named()
    {
        var problem = Assert.Single(Read("server:\n  listen: 127.0.0.1:1\n  listen: 127.0.0.1:2\n").Problems);

        Assert.Equal("3:3: server.listen is written twice; the first is in line 2", problem.ToString());
    }

    [Theory]
    [InlineData("server: 5", "server is a section of keys, not a single value")]
    [InlineData("- a", "the file is a section of keys, not a list")]
    [InlineData("server:\n  listen: [a]", "server.listen takes address:port, not a list")]
    [InlineData("host_agent:\n  policy:\n    allowed_types: logs", "takes a list such as [a, b], not a single value")]
    [InlineData("a: &x 1\nserver:\n  listen: *x", "\"*x\" refers to another place")]
    [InlineData("a: 1\n---\nb: 1", "second document")]
    [InlineData("server: [unclosed", "cannot read the file as YAML")]
    [InlineData("server:\n\tlisten: 1", "cannot read the file as YAML")]
    public void What_has_the_wrong_shape_is_said(string text, string expected) =>
        Assert.Contains(Read(text).Problems, problem => problem.Message.Contains(expected, StringComparison.Ordinal));

    [Fact]
    public void The_environment_fills_in_and_a_variable_that_is_not_set_is_named()
    {
        var document = Read(
            "server:\n  listen: ${ADDRESS}:${PORT}\nhost_agent:\n  retries: ${MISSING}\n",
            ("ADDRESS", "127.0.0.2"),
            ("PORT", "80"));

        Assert.Equal("127.0.0.2:80", document.Get(_listen));
        Assert.Equal(
            "4:12: host_agent.retries needs the environment variable MISSING, which is not set",
            Assert.Single(document.Problems).ToString());
    }

    [Fact]
    public void A_secret_comes_from_a_file_or_the_environment_and_never_prints()
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.WriteAllText(file, "dre_from_a_file\n");
        try
        {
            var fromFile = Read($"host_agent:\n  token: file:{file}\n");
            var fromEnvironment = Read("host_agent:\n  token: ${TOKEN}\n", ("TOKEN", "dre_from_env"));

            Assert.Equal("dre_from_a_file", fromFile.Get(_token)!.Reveal());
            Assert.Equal("dre_from_env", fromEnvironment.Get(_token)!.Reveal());
            Assert.Equal("[secret]", fromFile.Show(_token));
            using var written = new MemoryStream();
            using (var json = new System.Text.Json.Utf8JsonWriter(written))
            {
                fromFile.WriteValue(json, _token);
            }

            Assert.Equal("\"[secret]\"", System.Text.Encoding.UTF8.GetString(written.ToArray()));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("dre_literally", "secrets do not stand in this file")]
    [InlineData("file:/nonexistent/token", "there is no such file")]
    public void A_secret_in_the_file_itself_or_in_a_missing_file_is_refused_without_showing_it(
        string value, string expected)
    {
        var problem = Assert.Single(Read($"host_agent:\n  token: {value}\n").Problems);

        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("literally", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_schema_comes_from_the_same_declarations()
    {
        using var schema = System.Text.Json.JsonDocument.Parse(ConfigSchema.Write(_root));
        var agent = schema.RootElement.GetProperty("properties").GetProperty("host_agent");
        var properties = agent.GetProperty("properties");

        Assert.False(agent.GetProperty("additionalProperties").GetBoolean());
        Assert.Equal("30s", properties.GetProperty("interval").GetProperty("default").GetString());
        Assert.Equal(10, properties.GetProperty("retries").GetProperty("maximum").GetInt32());
        Assert.Equal("10MB", properties.GetProperty("limit").GetProperty("default").GetString());
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named()
    {
        var error = Assert.Throws<ConfigurationException>(
            () => ConfigReader.ReadFile("/nonexistent/drover.yaml", _root, EnvironmentVariables.OfProcess));

        Assert.Equal(
            "cannot read the configuration \"/nonexistent/drover.yaml\": there is no such file", error.Message);
    }

    private ConfigDocument Read(string text, params (string Name, string Value)[] environment) =>
        ConfigReader.Read(
            text,
            "drover.yaml",
            _root,
            new EnvironmentVariables(name => environment.FirstOrDefault(one => one.Name == name).Value));
}
