using System.Globalization;
using System.Text.Json.Nodes;
using Drover.Gateway.Tests.Rig;

namespace Drover.Gateway.Tests.WebSockets;

/// <summary>The npm package ws on both sides of a gateway, for all tests of a class.</summary>
public sealed class NpmPeers : IAsyncLifetime
{
    private NpmPeer? _client;
    private NpmPeer? _server;
    private GatewayRig? _rig;
    private string _direct = "";
    private int _connections;

    public async ValueTask InitializeAsync()
    {
        _client = NpmPeer.Start("client.cjs");
        _server = NpmPeer.Start("server.cjs");
        var address = $"127.0.0.1:{(await _server.HearAsync())["port"]}";
        _direct = $"ws://{address}";
        _rig = await GatewayRig.StartAsync(GatewayRig.Agent(new Uri($"http://{address}")));
    }

    /// <summary>
    /// Makes a connection and does on it what the order says, through the gateway over a version of HTTP, or with
    /// nothing in between for version 0.
    /// </summary>
    /// <param name="version">0, 1 or 2.</param>
    /// <param name="query">What the server does.</param>
    /// <param name="order">What the client does.</param>
    internal async Task<Told> ConnectAsync(int version, string query, JsonObject order)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/{Interlocked.Increment(ref _connections)}");
        order = (JsonObject)order.DeepClone();
        order["base"] = version == 0 ? _direct : $"ws://{_rig!.Address.Authority}";
        order["host"] = "scout.test";
        order["version"] = version;
        order["path"] = path + query;
        var client = await _client!.AskAsync(order);
        var server = await _server!.AskAsync(new JsonObject { ["path"] = path });
        return new Told(client, server);
    }

    public async ValueTask DisposeAsync()
    {
        await (_rig?.DisposeAsync() ?? default);
        await (_client?.DisposeAsync() ?? default);
        await (_server?.DisposeAsync() ?? default);
    }
}

/// <summary>What both ends of a connection saw of it.</summary>
internal sealed record Told(JsonNode Client, JsonNode Server)
{
    public (int Code, string Reason) ClientClose => CloseOf(Client);

    public (int Code, string Reason) ServerClose => CloseOf(Server);

    /// <summary>All of it, to compare with another connection.</summary>
    public string Whole => $"{Client.ToJsonString()}\n{Server.ToJsonString()}";

    private static (int, string) CloseOf(JsonNode side) => side["close"] is { } close
        ? (close["code"]!.GetValue<int>(), close["reason"]!.GetValue<string>())
        : throw new InvalidOperationException($"it did not close: {side.ToJsonString()}");
}
