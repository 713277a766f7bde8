using System.Text;

namespace Drover.Bench.Supervision;

/// <summary>
/// supervisord with what its sample file says. It looks once a second who has ended.
/// </summary>
internal sealed class SupervisordKeeper(StampProgram program) : Keeper(program)
{
    public override string Name => "supervisord";

    public override (string, string[]) Status => ("supervisorctl", ["-c", Configuration, "status"]);

    private string Configuration => Path.Combine(Folder, "supervisord.conf");

    public override Task StartAsync(int components, CancellationToken cancellationToken)
    {
        var text = new StringBuilder(
            $"""
            [unix_http_server]
            file={Folder}/socket
            [supervisord]
            logfile={Folder}/supervisord.log
            pidfile={Folder}/supervisord.pid
            childlogdir={Folder}
            [rpcinterface:supervisor]
            supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
            [supervisorctl]
            serverurl=unix://{Folder}/socket

            """);
        for (var number = 0; number < components; number++)
        {
            text.Append(
                $"""

                [program:{NameOf(number)}]
                command={Program.Path} {(number == 0 ? PipePath : Folder + "/none")}
                autorestart=true

                """);
        }

        Write("supervisord.conf", text.ToString());
        Run("supervisord", "--nodaemon", "--configuration", Configuration);
        return Task.CompletedTask;
    }
}
