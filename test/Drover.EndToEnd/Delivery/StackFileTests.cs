using YamlDotNet.RepresentationModel;

namespace Drover.EndToEnd.Delivery;

/// <summary>The stack file for a Swarm: what Docker makes of it, and what it must say of each service.</summary>
public sealed class StackFileTests
{
    private const string Gateway = "gateway";
    private const string Stack = "deploy/swarm/stack.yaml";

    [Fact]
    public async Task Docker_takes_the_stack_file_as_it_is_and_asks_for_what_only_the_operator_knows()
    {
        var (code, said) = await ConfigAsync(("DOCKER_GID", "998"));
        Assert.True(code == 0, said);
        Assert.Contains("user: 10001:998", said, StringComparison.Ordinal);

        var (withoutCode, without) = await ConfigAsync();
        Assert.NotEqual(0, withoutCode);
        Assert.Contains("DOCKER_GID", without, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_backend_publishes_a_port_and_the_gateway_only_its_own_on_the_host_itself()
    {
        var services = await ServicesAsync();

        Assert.All(services.Where(one => one.Key != Gateway), one => Assert.False(Has(one.Value, "ports"), one.Key));
        var port = Assert.Single((YamlSequenceNode)services[Gateway]["ports"]);
        Assert.Equal("host", Text(port, "mode"));
        Assert.Equal("8080", Text(port, "target"));
    }

    [Fact]
    public async Task Every_service_has_a_health_check_limits_and_a_restart_by_Swarm_whatever_ended_it()
    {
        foreach (var (name, service) in await ServicesAsync())
        {
            var deploy = service["deploy"];
            Assert.True(Has(service, "healthcheck"), name);
            Assert.NotEmpty(Text(deploy["resources"]["limits"], "memory"));
            Assert.NotEmpty(Text(deploy["resources"]["limits"], "cpus"));
            Assert.Equal("any", Text(deploy["restart_policy"], "condition"));
            Assert.NotEmpty(Text(deploy["restart_policy"], "delay"));
            Assert.NotEmpty(Text(deploy["restart_policy"], "max_attempts"));
            Assert.Equal("true", Text(service, "read_only"));
            Assert.NotEmpty((YamlSequenceNode)service["secrets"]);
        }
    }

    [Fact]
    public async Task Agents_and_gateway_share_an_encrypted_overlay_and_secrets_are_in_no_file()
    {
        var stack = await StackAsync();

        var (_, network) = Assert.Single((YamlMappingNode)stack["networks"]);
        Assert.Equal("overlay", Text(network, "driver"));
        Assert.Equal("true", Text(network["driver_opts"], "encrypted"));
        Assert.All((YamlMappingNode)stack["secrets"], secret => Assert.Equal("true", Text(secret.Value, "external")));
        Assert.All(await ServicesAsync(), one => Assert.False(Has(one.Value, "environment"), one.Key));
    }

    [Fact]
    public async Task The_gateways_configuration_in_the_stack_is_one_that_holds_and_names_its_services()
    {
        await using var machine = new Machine();
        const string File = "deploy/swarm/gateway.yaml";

        (await machine.RunAsync("config", "check", "--config", Path.Combine(Tool.Root, File))).MustBe(0);

        var gateway = (await LoadAsync(File))["gateway"];
        var stack = await StackAsync();
        Assert.Equal(
            Text(stack["networks"]["agents"], "name"), Text(gateway, "network"));
        var services = await ServicesAsync();
        Assert.All((YamlMappingNode)gateway["agents"], agent =>
            Assert.Contains(Text(agent.Value, "service")["drover_".Length..], services.Keys));
    }

    private static Task<(int ExitCode, string Output)> ConfigAsync(params (string Name, string Value)[] variables) =>
        Tool.RunAsync(
            variables.ToDictionary(one => one.Name, one => one.Value),
            ["docker", "stack", "config", "--compose-file", Stack],
            TestContext.Current.CancellationToken);

    private static async Task<YamlNode> StackAsync() => await LoadAsync(Stack);

    private static async Task<Dictionary<string, YamlNode>> ServicesAsync() =>
        ((YamlMappingNode)(await StackAsync())["services"]).ToDictionary(
            one => ((YamlScalarNode)one.Key).Value!, one => one.Value);

    private static async Task<YamlNode> LoadAsync(string path)
    {
        var text = await File.ReadAllTextAsync(
            Path.Combine(Tool.Root, path), TestContext.Current.CancellationToken);
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return yaml.Documents[0].RootNode;
    }

    private static bool Has(YamlNode node, string key) => ((YamlMappingNode)node).Children.ContainsKey(key);

    private static string Text(YamlNode node, string key) => ((YamlScalarNode)node[key]).Value ?? "";
}
