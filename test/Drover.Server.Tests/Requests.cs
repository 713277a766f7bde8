using System.Net;
using System.Text.Json;
using Drover.Testing.Server;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Server.Tests;

/// <summary>What a person asks in these tests.</summary>
internal static class Requests
{
    public static Task<HttpResponseMessage> TryOrderAsync(
        this HttpClient client,
        string type,
        string? app,
        string? host = null,
        string? requestId = null,
        string? priority = null,
        string? container = null)
    {
        var parameters = new CommandParameters { AppCode = app, Container = container };
        var request = new OrderRequest(type, host, parameters, priority, RequestId: requestId);
        return client.PostAsync(
            Routes.Commands,
            ServerFixture.JsonContent(JsonSerializer.Serialize(request, WireJson.Default.OrderRequest)));
    }

    public static async Task<CommandDto> OrderAsync(
        this HttpClient client,
        string type,
        string? app,
        string? host = null,
        string? requestId = null,
        string? priority = null)
    {
        using var response = await client.TryOrderAsync(type, app, host, requestId, priority);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return await ServerFixture.ReadAsync(response, WireJson.Default.CommandDto);
    }

    public static Task<CommandDto> CommandAsync(this HttpClient client, string commandId, int wait = 0) =>
        ServerFixture.GetAsync(client, $"{Routes.Commands}/{commandId}?wait={wait}", WireJson.Default.CommandDto);

    public static async Task<IReadOnlyList<HostDto>> HostsAsync(this HttpClient client) =>
        (await ServerFixture.GetAsync(client, Routes.Hosts, WireJson.Default.PageHostDto)).Items;

    public static async Task<HostDto> HostAsync(this HttpClient client, string name) =>
        (await client.HostsAsync()).Single(host => host.Name == name);

    public static async Task<IReadOnlyList<HostContainerDto>> ContainersAsync(this HttpClient client) =>
        (await ServerFixture.GetAsync(
            client, Routes.Containers + "?limit=5000", WireJson.Default.PageHostContainerDto)).Items;

    public static async Task<IReadOnlyList<EventDto>> EventsAsync(
        this HttpClient client, string query = "after=0&limit=1000") =>
        (await ServerFixture.GetAsync(client, $"{Routes.Events}?{query}", WireJson.Default.PageEventDto)).Items;

    public static async Task<ProblemDto> ProblemAsync(
        this Task<HttpResponseMessage> sent, HttpStatusCode status, string type)
    {
        using var response = await sent;
        Assert.Equal(status, response.StatusCode);
        var problem = await ServerFixture.ProblemAsync(response);
        Assert.Equal(Problems.Prefix + type, problem.Type);
        Assert.Equal((int)status, problem.Status);
        return problem;
    }
}
