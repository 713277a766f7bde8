using System.Text;
using Drover.Runtime.Configuration;

namespace Drover.Reference;

/// <summary>docs/reference/configuration.md, from the declared keys.</summary>
internal static class ConfigurationPage
{
    private const string Introduction = """
        `drover.yaml` is looked for beside you (`./drover.yaml`), then as `/etc/drover/drover.yaml`; `--config FILE` names another. No file is
        needed: everything has a default. Unknown keys, repeated keys and values of the wrong kind are refused with line and column;
        `drover config check` shows all of them without starting anything, `drover config show` the values that hold.

        Durations are written `250ms`, `30s`, `5m`, `1h30m`; sizes `512B`, `10MB`, `64MiB`. `${NAME}` takes a value from the environment.
        A secret is written `file:/path` or `${NAME}`, never in the file itself.

        For completion and checks in an editor, begin the file with
        `# yaml-language-server: $schema=PATH/config.schema.json` and let `drover config schema` write that file.

        """;

    public static string Write(ConfigSection root)
    {
        var page = new StringBuilder();
        page
            .Append("# Configuration\n\n")
            .Append(ReferencePages.Generated)
            .Append("\n\n")
            .Append(Introduction)
            .Append('\n');
        WriteSection(page, root, []);
        page.Append(Environment());
        return page.ToString().TrimEnd() + "\n";
    }

    private static void WriteSection(StringBuilder page, ConfigSection section, HashSet<ConfigSection> written)
    {
        // A template that several keys share (the three probes) is one chapter.
        if (!written.Add(section))
        {
            return;
        }

        page
            .Append("## ")
            .Append(section.Path.Length == 0 ? "At the top" : $"`{section.Path}`")
            .Append("\n\n")
            .Append(section.Meaning)
            .Append("\n\n");
        if (section.Keys.Count > 0)
        {
            page.Append("| key | takes | default | meaning |\n|---|---|---|---|\n");
            foreach (var key in section.Keys)
            {
                page
                    .Append("| `")
                    .Append(key.Path)
                    .Append("` | ")
                    .Append(ReferencePages.Escape(key.TypeName))
                    .Append(" | ")
                    .Append(ReferencePages.Escape(key.DefaultText ?? (key.IsRequired ? "must be written" : "none")))
                    .Append(" | ")
                    .Append(ReferencePages.Escape(key.Meaning))
                    .Append(" |\n");
            }

            page.Append('\n');
        }

        foreach (var inner in section.Keys.Select(key => key.Inner).OfType<ConfigSection>().Concat(section.Sections))
        {
            WriteSection(page, inner, written);
        }
    }

    private static string Environment() => $"""
        ## Environment

        | variable | meaning |
        |---|---|
        | `{EnvironmentVariables.DataDirectory}` | Where everything durable is kept; wins over `data_dir`. |
        | `{EnvironmentVariables.Server}` | Address of the server that the verbs speak to instead of this machine's socket. |
        | `{EnvironmentVariables.ServerPin}` | Pin of that server's certificate, where no authority signed it. |
        | `{EnvironmentVariables.TokenFile}`, `{EnvironmentVariables.Token}` | API token for that server; the file wins. |
        | `{EnvironmentVariables.Gateway}` | Address of the gateway that its verbs speak to instead of this machine's socket. |
        | `{EnvironmentVariables.GatewayPin}` | Pin of that gateway's certificate, where no authority signed it. |
        | `{EnvironmentVariables.GatewayTokenFile}` | File with that gateway's admin token. |
        | `{EnvironmentVariables.EnrollTokenFile}`, `{EnvironmentVariables.EnrollToken}` | One-time token for `drover host-agent` and `drover supervisor`; the file wins. |
        | `{EnvironmentVariables.DockerHost}` | Where the Docker Engine listens; wins over `host_agent.docker_host`. |
        | `{EnvironmentVariables.NoColor}` | Set to anything: no colour. |

        """;
}
