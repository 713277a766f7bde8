using System.Text.Json;
using Drover.Runtime.Configuration;

namespace Drover.Runtime.Tests.Configuration;

/// <summary>Sections under names that the user chose, with sections in them, short forms and lists.</summary>
public sealed class NamedSectionTests
{
    private static readonly ConfigSection Stop = ConfigSection.Template("things.NAME.stop", "How it ends.");
    private static readonly ConfigKey<string> Signal =
        Stop.Key("signal", ConfigTypes.OneOf(["SIGTERM", "SIGINT"]), "SIGTERM", "What asks it.");

    private static readonly ConfigKey<TimeSpan> Grace = Stop.Required(
        "grace", ConfigTypes.Duration(TimeSpan.Zero, TimeSpan.FromHours(1)), "How long it may take.");

    private static readonly ConfigSection Need = ConfigSection.Template("things.NAME.needs.THING", "A need.");
    private static readonly ConfigKey<string> Condition =
        Need.Key("condition", ConfigTypes.OneOf(["started", "ready"]), "ready", "What it must be.");

    private static readonly ConfigSection Thing = ConfigSection.Template("things.NAME", "A thing.");
    private static readonly ConfigKey<IReadOnlyList<string>> Command =
        Thing.Optional("command", ConfigTypes.Command, "What runs.");

    private static readonly ConfigKey<string> Image = Thing.Optional("image", ConfigTypes.Text, "What it is made of.");

    private static readonly ConfigKey<ConfigEntry> StopKey =
        Thing.Optional("stop", new SectionType(Stop, Signal), "How it ends.");

    private static readonly ConfigKey<IReadOnlyList<ConfigNamed<ConfigEntry>>> Needs = Thing.Optional(
        "needs",
        new NamedType<ConfigEntry>(new SectionType(Need, Condition), NameRule.Any("THING")) { ListValue = "ready" },
        "Whom it needs.");

    private static readonly ConfigKey<IReadOnlyList<ConfigNamed<ExpandedText>>> Env = Thing.Optional(
        "env", new NamedType<ExpandedText>(ConfigTypes.EnvironmentValue, NameRule.Any("VARIABLE")), "Variables.");

    private static readonly ConfigKey<IReadOnlyList<ConfigNamed<SecretSource>>> Secrets = Thing.Optional(
        "secrets", new NamedType<SecretSource>(ConfigTypes.SecretSource, NameRule.Any("SECRET")), "Secrets.");

    private static readonly ConfigKey<double> Factor = Thing.Key("factor", ConfigTypes.Number(1, 10), 2, "A factor.");

    private readonly ConfigSection _root = ConfigSection.Root("A file.");
    private readonly ConfigKey<IReadOnlyList<ConfigNamed<ConfigEntry>>> _things;

    static NamedSectionTests() => Thing.ExactlyOneOf(Command, Image);

    public NamedSectionTests() => _things = _root.Optional(
        "things",
        new NamedType<ConfigEntry>(
            new SectionType(Thing),
            new NameRule("NAME", "^[a-z]+$", name => name.All(char.IsAsciiLetterLower) ? null : "is no name")),
        "All things.");

    [Fact]
    public void Named_sections_are_read_in_the_order_of_the_file_with_their_inner_sections()
    {
        var document = Read(
            """
            things:
              web: { command: [./web, --port, "80", ""], stop: { signal: SIGINT, grace: 5s }, factor: 1.5 }
              api:
                image: api:1
                needs: { web: started, db: { condition: ready } }
              db: { command: ./db --data '/var/my db', needs: [] , env: { PORT: 5432, EMPTY: "", HOME: "${HOME}/db" } }
            """);

        Assert.Empty(document.Problems);
        var things = document.Get(_things)!;
        Assert.Equal(["web", "api", "db"], things.Select(thing => thing.Name));
        Assert.Equal(["./web", "--port", "80", ""], things[0].Value.Get(Command)!);
        Assert.Equal("SIGINT", things[0].Value.Get(StopKey)!.Get(Signal));
        Assert.Equal(TimeSpan.FromSeconds(5), things[0].Value.Get(StopKey)!.Written(Grace));
        Assert.Equal(1.5, things[0].Value.Get(Factor));
        Assert.Equal(2, things[1].Value.Get(Factor));
        Assert.Equal(
            [("web", "started"), ("db", "ready")],
            things[1].Value.Get(Needs)!.Select(need => (need.Name, need.Value.Get(Condition)!)));
        Assert.Equal(["./db", "--data", "/var/my db"], things[2].Value.Get(Command)!);
        Assert.Equal(
            ["PORT=5432", "EMPTY=", "HOME=/home/alice/db"],
            things[2].Value.Get(Env)!.Select(one => $"{one.Name}={one.Value.Value}"));
        Assert.Equal("things.db.factor", things[2].Value.PathOf(Factor));
        Assert.Equal((2, 3), (things[0].Place.Line, things[0].Place.Column));
    }

    [Fact]
    public void A_short_form_stands_for_the_section_with_that_one_key_and_a_list_for_names_with_one_value()
    {
        var document = Read("things:\n  web: { command: web, needs: [api, db] }\n");

        Assert.Empty(document.Problems);
        Assert.Equal(
            [("api", "ready"), ("db", "ready")],
            Assert.Single(document.Get(_things)!).Value.Get(Needs)!
                .Select(one => (one.Name, one.Value.Get(Condition)!)));
    }

    [Theory]
    [InlineData(
        "things:\n  web: { comand: a }\n",
        "2:10: unknown key \"things.web.comand\"; did you mean \"command\"?")]
    [InlineData(
        "things:\n  web: { command: a, stop: { signal: SIGTRM, grace: 1s } }\n",
        "2:38: things.web.stop.signal takes SIGTERM, SIGINT, not \"SIGTRM\"; did you mean \"SIGTERM\"?")]
    [InlineData(
        "things:\n  web: { command: a, stop: { signal: SIGTERM } }\n",
        "2:28: things.web.stop needs the key grace: how long it may take")]
    [InlineData(
        "things:\n  web: { command: a, stop: SIGTRM }\n",
        "2:28: things.web.stop takes SIGTERM, SIGINT, not \"SIGTRM\"; did you mean \"SIGTERM\"?")]
    [InlineData("things:\n  web: {}\n", "2:8: things.web needs one of command, image")]
    [InlineData("things:\n  web:\n", "2:7: things.web needs one of command, image")]
    [InlineData(
        "things:\n  web: { command: a, image: b }\n",
        "2:22: things.web takes one of command, image, not several")]
    [InlineData("things:\n  Web: { command: a }\n", "2:3: things: \"Web\" is no name")]
    [InlineData(
        "things:\n  web: { command: a }\n  web: { image: b }\n",
        "3:3: things.web is written twice; the first is in line 2")]
    [InlineData("things: [web]\n", "1:9: things is a section of NAME: section, not a list")]
    [InlineData("things:\n  web: 5\n", "2:8: things.web is a section of keys, not a single value")]
    [InlineData(
        "things:\n  web: { command: a, needs: { db: redy } }\n",
        "2:35: things.web.needs.db takes started, ready, not \"redy\"; did you mean \"ready\"?")]
    [InlineData(
        "things:\n  web: { command: [] }\n",
        "2:19: things.web.command takes [program, argument, ...] or a line, not an empty list")]
    [InlineData("things:\n  web: { command: [a, [b]] }\n", "2:23: things.web.command takes texts, not a list")]
    [InlineData(
        "things:\n  web: { command: a | b }\n",
        "2:19: things.web.command has the \"|\" of a shell in \"a | b\"; quote it, or write [sh, -c, '...']")]
    [InlineData(
        "things:\n  web: { command: a, env: { A: '${NOT_SET}' } }\n",
        "2:32: things.web.env.A needs the environment variable NOT_SET, which is not set")]
    [InlineData(
        "things:\n  web: { command: a, secrets: { A: hunter2 } }\n",
        "2:36: things.web.secrets.A is a secret and secrets do not stand in this file; write file:/path or ${NAME}")]
    [InlineData(
        "things:\n  web: { command: a, factor: 11 }\n",
        "2:30: things.web.factor takes a number from 1 to 10, not \"11\"")]
    public void What_is_wrong_is_told_with_its_place_its_path_and_what_is_near(string text, string problem) =>
        Assert.Equal(problem, Assert.Single(Read(text).Problems).ToString());

    [Fact]
    public void A_secret_is_read_when_it_is_used_and_shown_as_its_place()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var document =
            Read($"things:\n  web: {{ command: a, secrets: {{ TOKEN: 'file:{path}', KEY: '${{HOME}}' }} }}\n");

        Assert.Empty(document.Problems);
        var secrets = Assert.Single(document.Get(_things)!).Value.Get(Secrets)!;
        Assert.Throws<ConfigurationException>(() => secrets[0].Value.Read());
        File.WriteAllText(path, "first\n");
        Assert.Equal("first", secrets[0].Value.Read().Reveal());
        File.WriteAllText(path, "second\n");
        Assert.Equal("second", secrets[0].Value.Read().Reveal());
        File.Delete(path);
        Assert.Equal("/home/alice", secrets[1].Value.Read().Reveal());
        Assert.Equal("${HOME}", secrets[1].Value.ToString());
    }

    [Fact]
    public void What_is_shown_of_a_configuration_holds_names_and_never_an_expanded_value()
    {
        var document = Read("things:\n  web: { command: a, env: { T: '${HOME}' } }\n");

        Assert.Equal("{web}", document.Show(_things));
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            document.WriteValue(json, _things);
        }

        Assert.Equal(
            """{"web":{"command":["a"],"env":{"T":"${HOME}"}}}""",
            System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
    }

    [Fact]
    public void The_schema_covers_names_short_forms_required_keys_and_the_choice_of_one()
    {
        using var schema = JsonDocument.Parse(ConfigSchema.Write(_root));
        var things = schema.RootElement.GetProperty("properties").GetProperty("things");
        var thing = things.GetProperty("additionalProperties");

        Assert.Equal("^[a-z]+$", things.GetProperty("propertyNames").GetProperty("pattern").GetString());
        Assert.False(thing.GetProperty("additionalProperties").GetBoolean());
        Assert.Equal("command", thing.GetProperty("oneOf")[0].GetProperty("required")[0].GetString());
        var stop = thing.GetProperty("properties").GetProperty("stop").GetProperty("anyOf");
        Assert.Equal("grace", stop[0].GetProperty("required")[0].GetString());
        Assert.Equal("SIGTERM", stop[1].GetProperty("enum")[0].GetString());
    }

    private ConfigDocument Read(string text) => ConfigReader.Read(
        text, "drover.yaml", _root, new EnvironmentVariables(name => name == "HOME" ? "/home/alice" : null));
}
