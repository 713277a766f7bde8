using Drover.Testing.Legacy;
using Drover.Testing.Server;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Server.Tests.Legacy;

/// <summary>A server and an agent of the older protocol that was opted in.</summary>
internal sealed class LegacyBench(ServerFixture server, OldAgent agent) : IAsyncDisposable
{
    public ServerFixture Server => server;

    public OldAgent Agent => agent;

    public static async Task<LegacyBench> StartAsync(TimeProvider? time = null)
    {
        var server = await ServerFixture.StartAsync(time);
        return new LegacyBench(
            server, await OldAgent.JoinAsync(server.Role.Address, await TokenAsync(server), time: server.Time));
    }

    /// <summary>A one-time token that registers an agent of the older protocol.</summary>
    public static async Task<string> TokenAsync(ServerFixture server, string? name = "old-box") =>
        (await ServerFixture.PostAsync(
            server.OnSocket(),
            Routes.EnrollmentTokens,
            new CreateEnrollmentTokenRequest(name, Legacy: true),
            WireJson.Default.CreateEnrollmentTokenRequest,
            WireJson.Default.CreatedTokenDto)).Token;

    /// <summary>Orders, lets the agent take it and report this, and gives the command as people see it then.</summary>
    public async Task<CommandDto> RunAsync(
        string type, string app, string status, string? result, string? errors = null, string? error = null)
    {
        await server.OnSocket().OrderAsync(type, app, "old-box");
        var commandId = (await agent.CommandAsync()).GetProperty("command_id").GetString()!;
        var answer = await agent.ReportAsync(agent.Report(commandId, status, result, errors, error));
        Assert.True(answer.Status == System.Net.HttpStatusCode.OK, answer.Body);
        return await server.OnSocket().CommandAsync(commandId);
    }

    /// <summary>A result with the envelope that every type has.</summary>
    public string Result(string type, string app, string fields) =>
        $$"""{"type":"{{type}}","deployment_hash":"{{agent.DeploymentHash}}","app_code":"{{app}}",{{fields}}}""";

    public async ValueTask DisposeAsync()
    {
        agent.Dispose();
        await server.DisposeAsync();
    }
}
