using System.CommandLine;
using Drover.Diagnosis;
using Drover.Terminal;

namespace Drover.Commands;

/// <summary><c>drover doctor</c>: looks at the whole set-up of this machine and says what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create(VerbContext verbs)
    {
        var output = SharedOptions.Output();
        var command = new Command(
            "doctor",
            "Check configuration, data directory, SQLite, Docker, server and hosts; exit code 1 when something "
                + "fails.")
        {
            output,
        };
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            var findings = new List<Finding>();
            var json = parsed.GetValue(output) == SharedOptions.Json;
            var doctor = new Doctor(verbs.Environment, verbs.Time, parsed.GetValue(verbs.Shared.Config));
            await foreach (var finding in doctor.ExamineAsync(cancellationToken).ConfigureAwait(false))
            {
                findings.Add(finding);
                if (!json)
                {
                    Show(verbs.Screen, finding);
                }
            }

            if (json)
            {
                WriteJson(verbs.Screen, findings);
            }

            return findings.Any(finding => finding.Status == FindingStatus.Fail) ? ExitCode.Failed : ExitCode.Ok;
        });
        return command;
    }

    private static void Show(Screen screen, Finding finding)
    {
        var paint = screen.OutPaint;
        var mark = finding.Status switch
        {
            FindingStatus.Ok => paint.Apply(Tone.Good, "ok  "),
            FindingStatus.Warn => paint.Apply(Tone.Warning, "warn"),
            FindingStatus.Fail => paint.Apply(Tone.Bad, "fail"),
        };
        screen.Out.WriteLine($"{mark}  {finding.Check,-15}  {Paint.OneLine(finding.Detail)}");
        if (finding.Advice is { } advice)
        {
            screen.Out.WriteLine($"      {"",-15}  {paint.Apply(Tone.Dim, "->")} {Paint.OneLine(advice)}");
        }

        screen.Out.Flush();
    }

    private static void WriteJson(Screen screen, List<Finding> findings) => JsonText.WriteObject(screen, json =>
    {
        json.WriteStartArray("items");
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("check", finding.Check);
            json.WriteString("status", finding.Status switch
            {
                FindingStatus.Ok => "ok",
                FindingStatus.Warn => "warn",
                FindingStatus.Fail => "fail",
            });
            json.WriteString("detail", finding.Detail);
            if (finding.Advice is { } advice)
            {
                json.WriteString("advice", advice);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
