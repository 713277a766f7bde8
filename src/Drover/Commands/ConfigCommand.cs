using System.CommandLine;
using Drover.Configuration;
using Drover.Runtime.Configuration;
using Drover.Supervision;
using Drover.Supervisor.Documents;
using Drover.Terminal;

namespace Drover.Commands;

/// <summary>
/// <c>drover config</c>: checks the configuration, shows what holds, prints the schema for editors. Starts nothing.
/// </summary>
internal static class ConfigCommand
{
    public static Command Create(VerbContext verbs) =>
        new("config", "Look at the configuration without starting anything.")
        {
            Check(verbs),
            Show(verbs),
            Schema(verbs),
        };

    private static Command Check(VerbContext verbs)
    {
        var output = SharedOptions.Output();
        var command =
            new Command("check", "Say everything that is wrong with the configuration; exit code 8 when something is.")
            {
                output,
            };
        VerbContext.Run(command, (parsed, _) =>
        {
            var document = Settings.Read(parsed.GetValue(verbs.Shared.Config), verbs.Environment);
            var screen = verbs.Screen;
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                WriteJson(screen, document);
                return Task.FromResult(document.Problems.Count == 0 ? ExitCode.Ok : ExitCode.ConfigInvalid);
            }

            foreach (var problem in document.Problems)
            {
                screen.Error.WriteLine($"{document.Path}:{Paint.OneLine(problem.ToString())}");
            }

            if (document.Problems.Count > 0)
            {
                screen.Error.WriteLine(
                    screen.ErrorPaint.Apply(
                        Tone.Bad, document.Problems.Count == 1 ? "1 problem" : $"{document.Problems.Count} problems"));
                return Task.FromResult(ExitCode.ConfigInvalid);
            }

            screen.Out.WriteLine(document.Path is { } path
                ? $"{path}: ok"
                : "no configuration file (./drover.yaml, /etc/drover/drover.yaml): everything has its default");
            SayWhatIsOdd(screen, Settings.DespiteProblems(document, verbs.Environment).Supervisor());
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    /// <summary>What surely was not meant is no mistake of the file; who checks wants to know of it.</summary>
    private static void SayWhatIsOdd(Screen screen, SupervisorDocument supervisor)
    {
        var odd = supervisor.Components
            .Where(one => LaunchLook.AddTo(ComponentExplanation.Of(supervisor, one)).Warnings.Count > 0)
            .Select(one => one.Name)
            .ToList();
        if (odd.Count > 0)
        {
            screen.Out.Flush();
            screen.Error.WriteLine(screen.ErrorPaint.Apply(
                Tone.Warning, $"`drover supervisor explain` has warnings for {string.Join(", ", odd)}"));
        }
    }

    private static void WriteJson(Screen screen, ConfigDocument document) => JsonText.WriteObject(screen, json =>
    {
        json.WriteString("file", document.Path);
        json.WriteStartArray("problems");
        foreach (var problem in document.Problems)
        {
            json.WriteStartObject();
            json.WriteNumber("line", problem.Line);
            json.WriteNumber("column", problem.Column);
            json.WriteString("message", problem.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static Command Show(VerbContext verbs)
    {
        var output = SharedOptions.Output();
        var command =
            new Command("show", "Show every key with the value that holds and where it comes from.") { output };
        VerbContext.Run(command, (parsed, _) =>
        {
            var settings = verbs.Settings(parsed);
            var values = EffectiveValue.All(DroverYaml.Declared(), settings, verbs.Environment);
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                JsonText.WriteObject(verbs.Screen, json =>
                {
                    foreach (var one in values)
                    {
                        json.WriteStartObject(one.Key.Path);
                        json.WritePropertyName("value");
                        one.WriteTo(json);
                        json.WriteString("from", one.From);
                        json.WriteEndObject();
                    }
                });
                return Task.FromResult(ExitCode.Ok);
            }

            var table = new Table("KEY", new("VALUE", Shrinks: true), "FROM");
            foreach (var one in values)
            {
                table.Add(one.Key.Path, one.Text, one.From);
            }

            table.Write(verbs.Screen);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static Command Schema(VerbContext verbs)
    {
        var command = new Command("schema", "Print the JSON Schema of drover.yaml, for editors.");
        VerbContext.Run(command, (_, _) =>
        {
            verbs.Screen.Out.Write(ConfigSchema.Write(DroverYaml.Declared()));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}
