using System.Globalization;
using System.Text;
using Drover.Configuration;
using Drover.Runtime.Configuration;
using Drover.Runtime.Probing;

namespace Drover.Reference;

/// <summary>docs/reference/probes.md, from the table of kinds and the declared keys.</summary>
internal static class ProbesPage
{
    private const string Introduction = """
        A component has up to three probes, `startup`, `liveness` and `readiness`, with the meaning that Kubernetes gives them. Each
        asks one question of one of the kinds below, in a loop of its own: a probe that hangs delays nothing else. An exit is seen
        at once and needs no probe; probes find what hangs, and what is not ready.

        | probe | asks | its failure | use it |
        |---|---|---|---|
        | `startup` | has it finished starting? | ends the instance | for whatever starts slowly, in the place of a long `initial_delay`: the other two wait until it has succeeded once |
        | `liveness` | does it hang? | ends the instance | for what only another instance can mend. Ask nothing that depends on others, or their outage becomes a storm of restarts |
        | `readiness` | can it serve just now? | is shown, and holds dependents back | for everything else. It ends nothing |

        What is only watched (`external`) takes a readiness probe; without one it is asked for a TCP connection. Before any probe has
        run, liveness counts as success, readiness as failure, startup as unknown. A failed startup or liveness probe rests until there
        is a new instance. A probe that could not be run (the engine is away, a command is missing) is an error: it counts for
        nothing, and `drover supervisor status --verbose` shows what it said. `drover supervisor explain` says when each
        probe notices a hang.

        """;

    // What Kubernetes calls them (Probe v1 core).
    private static readonly (ConfigKey Key, string Kubernetes)[] Judging =
    [
        (DroverYaml.Probe.InitialDelay, "initialDelaySeconds"),
        (DroverYaml.Probe.Period, "periodSeconds"),
        (DroverYaml.Probe.Timeout, "timeoutSeconds"),
        (DroverYaml.Probe.SuccessThreshold, "successThreshold"),
        (DroverYaml.Probe.FailureThreshold, "failureThreshold"),
        (DroverYaml.Probe.StopGrace, "terminationGracePeriodSeconds"),
    ];

    public static string Write()
    {
        var page = new StringBuilder();
        page.Append("# Probes\n\n").Append(ReferencePages.Generated).Append("\n\n").Append(Introduction);
        page.Append(
            "\n## When and how they are judged\n\nBeside the kind stand, times with their unit (`250ms`, `10s`, `2m`):"
                + "\n\n");
        page.Append("| key | Kubernetes | takes | default | meaning |\n|---|---|---|---|---|\n");
        foreach (var (key, kubernetes) in Judging)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"| `{key.Name}` | `{kubernetes}` | {ReferencePages.Escape(key.TypeName)} | {Default(key)} | "
                    + $"{ReferencePages.Escape(key.Meaning)} |\n");
        }

        page.Append("\n## Which kind for what\n\n| kind | for | succeeds when |\n|---|---|---|\n");
        foreach (var type in ProbeTypes.All)
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"| [`{type.Name}`](#{type.Name}) | {type.AllowedText} | {ReferencePages.Escape(type.Meaning)} |\n");
        }

        foreach (var type in ProbeTypes.All)
        {
            WriteType(page, type);
        }

        return page.ToString();
    }

    private static void WriteType(StringBuilder page, ProbeType type)
    {
        page.Append(
            CultureInfo.InvariantCulture,
            $"\n## {type.Name}\n\n{type.Meaning}\n\n**When to use it:** {type.WhenToUse}\n");
        if (type.Restriction.Length > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"\nFor {type.AllowedText} only: {type.Restriction}.\n");
        }

        var key = DroverYaml.Probe.Section.Keys.Single(one => one.Name == type.Name);
        page.Append("\n| key | takes | default | meaning |\n|---|---|---|---|\n");
        if (key.Inner is not { } section)
        {
            Row(page, key.Name, key, "must be written");
        }
        else
        {
            foreach (var inner in section.Keys)
            {
                Row(page, $"{key.Name}.{inner.Name}", inner, Default(inner));
            }
        }

        page.Append("\n```yaml\n").Append(ProbeExamples.Of(type.Name)).Append("\n```\n");
    }

    private static void Row(StringBuilder page, string name, ConfigKey key, string fallback)
    {
        // The kind itself is said above; here it would stand twice.
        var meaning = key.Inner is null && name == key.Name ? Short(key) : key.Meaning;
        page.Append(
            CultureInfo.InvariantCulture,
            $"| `{name}` | {ReferencePages.Escape(key.TypeName)} | {ReferencePages.Escape(fallback)} | "
                + $"{ReferencePages.Escape(meaning)} |\n");
    }

    private static string Short(ConfigKey key) => key switch
    {
        _ when key == DroverYaml.Probe.Tcp => "Where to: a port of this machine, or host and port.",
        _ when key == DroverYaml.Probe.Exec => "Program and arguments; runs as the component itself does.",
        _ => "Asks; leave the probe out for none.",
    };

    private static string Default(ConfigKey key) => ReferencePages.Escape(
        key.DefaultText ?? (key.IsRequired ? "must be written" : "none"));
}
