using System.Globalization;
using System.Text.Json;

namespace Drover.Bench.Supervision;

/// <summary>
/// pm2 in fork mode, without an interpreter. Its daemon starts an instance again at once as long as it ran for a
/// second. It is told not to ask the internet for a newer version of itself.
/// </summary>
internal sealed class Pm2Keeper : Keeper
{
    private const string Command = "artifacts/peers/node_modules/.bin/pm2";

    public Pm2Keeper(StampProgram program)
        : base(program)
    {
        if (!File.Exists(Command))
        {
            throw new InvalidOperationException("cannot measure beside pm2: `make setup-bench` installs it");
        }

        Environment["PM2_HOME"] = Path.Combine(Folder, "pm2");
        Environment["PM2_DISABLE_VERSION_CHECK"] = "true";
    }

    public override string Name => "pm2";

    public override (string, string[]) Status => (Path.GetFullPath(Command), ["ls"]);

    public override async Task StartAsync(int components, CancellationToken cancellationToken)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteStartArray("apps");
            for (var number = 0; number < components; number++)
            {
                json.WriteStartObject();
                json.WriteString("name", NameOf(number));
                json.WriteString("script", Program.Path);
                json.WriteString("args", number == 0 ? PipePath : Folder + "/none");
                json.WriteString("interpreter", "none");
                json.WriteString("exec_mode", "fork");
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        var apps = Write("apps.json", System.Text.Encoding.UTF8.GetString(text.ToArray()));
        await RunAsync(Command, "start", apps);
        Root = int.Parse(
            File.ReadAllText(Path.Combine(Environment["PM2_HOME"], "pm2.pid")), CultureInfo.InvariantCulture);
    }

    protected override Task StopAsync() => Root == 0 ? Task.CompletedTask : RunAsync(Command, "kill");
}
