using Drover.Runtime.Probing;
using Drover.Supervisor.Components;
using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Tests.Components;

public sealed class ProbeTargetsTests
{
    private static readonly Dictionary<string, string> Foundation =
        new() { ["PATH"] = "/usr/bin:/bin", ["HOME"] = "/" };

    [Fact]
    public void The_command_of_a_probe_runs_with_the_variables_the_directory_and_the_user_of_its_component()
    {
        var launch = new ProcessLaunch
        {
            Command = ["./worker"],
            Environment = new Dictionary<string, string> { ["PGPORT"] = "5433" },
            WorkingDirectory = "/srv",
            User = "worker",
        };

        var target = (ProbeTarget.Exec)ProbeTargets.Of(new ProbeTarget.Exec(["pg_isready"]), launch, Foundation);

        Assert.Equal(("/usr/bin:/bin", "5433"), (target.Environment["PATH"], target.Environment["PGPORT"]));
        Assert.Equal(("/srv", "worker"), (target.WorkingDirectory, target.User));
    }

    [Fact]
    public void A_probe_that_was_not_changed_is_the_same_after_a_reload()
    {
        Assert.True(ProbeTargets.IsSame(Ready("-q"), Ready("-q")));
        Assert.False(ProbeTargets.IsSame(Ready("-q"), Ready("-t")));
        Assert.False(ProbeTargets.IsSame(Ready("-q"), null));
        Assert.True(ProbeTargets.IsSame(null, null));
    }

    private static ProbeTarget.Exec Ready(string option) => new(["pg_isready", option]);
}
