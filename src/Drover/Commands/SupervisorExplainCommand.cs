using System.CommandLine;
using Drover.Supervision;
using Drover.Supervisor.Documents;

namespace Drover.Commands;

/// <summary><c>drover supervisor explain</c>: what drover.yaml means before anything is started.</summary>
internal static class SupervisorExplainCommand
{
    public static Command Create(VerbContext verbs)
    {
        var component = ComponentArgument.Create(verbs, "Which component; else all");
        var output = SharedOptions.Output();
        var command = new Command(
            "explain",
            "Say what the restart policy and the probes of each component come to: the nominal timeline without "
                + "jitter, when a probe notices, and limits that can never be reached. Starts nothing.")
        {
            component, output,
        };
        VerbContext.Run(command, (parsed, _) =>
        {
            var document = SupervisorLink.SettingsToLook(verbs, parsed).Supervisor();
            var explanations = ComponentArgument.Chosen(document, parsed.GetValue(component))
                .Select(one => LaunchLook.AddTo(ComponentExplanation.Of(document, one)))
                .ToList();
            var screen = verbs.Screen;
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                ExplanationJson.Write(screen, explanations);
                return Task.FromResult(ExitCode.Ok);
            }

            if (explanations.Count == 0)
            {
                screen.Error.WriteLine("No components: drover.yaml has none under supervisor.components.");
            }

            var isFirst = true;
            foreach (var explanation in explanations)
            {
                if (!isFirst)
                {
                    screen.Out.WriteLine();
                }

                isFirst = false;
                foreach (var line in ExplanationText.Lines(explanation, screen.OutPaint))
                {
                    screen.Out.WriteLine(line);
                }
            }

            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}
