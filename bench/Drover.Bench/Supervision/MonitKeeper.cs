using System.Globalization;
using System.Text;

namespace Drover.Bench.Supervision;

/// <summary>
/// monit, which looks every five seconds (its distribution's own file: every two minutes) whether the process of a
/// PID file is there. Components are its children only by accident, so they are known by those files.
/// </summary>
internal sealed class MonitKeeper(StampProgram program) : Keeper(program)
{
    private int _components;

    public override string Name => "monit";

    public override (string, string[]) Status => ("monit", ["-c", Configuration, "summary"]);

    private string Configuration => Path.Combine(Folder, "monitrc");

    public override Task StartAsync(int components, CancellationToken cancellationToken)
    {
        _components = components;
        var text = new StringBuilder(
            $"""
            set daemon 5
            set log {Folder}/monit.log
            set pidfile {Folder}/monit.pid
            set idfile {Folder}/monit.id
            set statefile {Folder}/monit.state
            set httpd unixsocket {Folder}/monit.socket
                permission 0600
                allow drover:drover

            """);
        for (var number = 0; number < components; number++)
        {
            text.Append(
                $"""

                check process {NameOf(number)} with pidfile {PidFile(number)}
                    start program = "{Program.Path} {(number == 0 ? PipePath : Folder + "/none")} {PidFile(number)}"

                """);
        }

        Write("monitrc", text.ToString());
        Run("monit", "-I", "-c", Configuration);
        return Task.CompletedTask;
    }

    public override int LivingComponents() => Components().Count();

    /// <summary>It ends alone; whom it started goes on.</summary>
    protected override async Task StopAsync()
    {
        await base.StopAsync();
        foreach (var pid in Components())
        {
            _ = SystemProcess.Kill(pid);
        }
    }

    private IEnumerable<int> Components() => Enumerable.Range(0, _components)
        .Select(PidFile)
        .Where(File.Exists)
        .Select(File.ReadAllText)
        .Where(text => text.Length > 0)
        .Select(text => int.Parse(text, CultureInfo.InvariantCulture))
        .Where(Program.IsRunBy);

    private string PidFile(int number) => Path.Combine(Folder, NameOf(number) + ".pid");
}
