using System.Text.Json.Nodes;

namespace Drover.Gateway.Tests.WebSockets;

/// <summary>
/// WebSockets between the client and the server that most people use: with the gateway in between, over either version
/// of HTTP, both see what they see without it.
/// </summary>
public sealed class NpmWebSocketTests(NpmPeers peers) : IClassFixture<NpmPeers>
{
    // RFC 6455, section 7.4.1: never in a frame. Who gets one says 1002.
    private static readonly int[] Reserved = [1004, 1005, 1006, 1015, 2999, 5000];
    private static readonly int[] Sendable =
        [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999];

    public static TheoryData<int, int> Codes => Each([.. Sendable, .. Reserved]);

    public static TheoryData<int, int> Sizes => Each([0, 1, 125, 126, 65_535, 65_536, 16 << 20]);

    private static TheoryData<int, int> Each(int[] values)
    {
        var rows = new TheoryData<int, int>();
        foreach (var value in values)
        {
            rows.Add(1, value);
            rows.Add(2, value);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task A_close_code_of_the_agents_reaches_the_client(int version, int code)
    {
        var told = await AsWithoutAsync(version, $"?do=close&code={code}&reason=enough", new JsonObject());

        Assert.Equal(Reserved.Contains(code) ? (1002, "") : (code, "enough"), told.ServerClose);
        Assert.Equal(Reserved.Contains(code) ? 1006 : code, told.ClientClose.Code);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task A_close_code_of_the_clients_reaches_the_agent(int version, int code)
    {
        var isReserved = Reserved.Contains(code);
        var told = await AsWithoutAsync(version, "", new JsonObject
        {
            ["do"] = isReserved ? "rawClose" : "close",
            ["code"] = code,
            ["reason"] = "enough",
        });

        Assert.Equal(isReserved ? (1006, "") : (code, "enough"), told.ServerClose);
        Assert.Equal(isReserved ? 1002 : code, told.ClientClose.Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_close_without_a_code_has_none_on_the_other_side_either(int version)
    {
        var ofAgent = await AsWithoutAsync(version, "?do=close", new JsonObject());
        var ofClient = await AsWithoutAsync(version, "", new JsonObject { ["do"] = "close" });

        Assert.Equal([1005, 1005], [ofAgent.ClientClose.Code, ofAgent.ServerClose.Code]);
        Assert.Equal([1005, 1005], [ofClient.ClientClose.Code, ofClient.ServerClose.Code]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_connection_that_is_cut_on_one_side_is_cut_on_the_other(int version)
    {
        var ofAgent = await peers.ConnectAsync(version, "?do=cut", new JsonObject());
        var ofClient = await peers.ConnectAsync(version, "", new JsonObject { ["do"] = "cut" });

        Assert.Equal([1006, 1006], [ofAgent.ClientClose.Code, ofAgent.ServerClose.Code]);
        Assert.Equal([1006, 1006], [ofClient.ClientClose.Code, ofClient.ServerClose.Code]);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Messages_of_every_size_pass_both_ways_compressed_or_not(int version, int bytes)
    {
        foreach (var compress in (bool[])[false, true])
        {
            var told = await AsWithoutAsync(version, "", new JsonObject
            {
                ["bytes"] = bytes,
                ["isBinary"] = true,
                ["compress"] = compress,
                ["closeAfter"] = true,
            });

            Assert.Equal(compress ? "permessage-deflate" : "", told.Client["extensions"]!.GetValue<string>());
            var there = Assert.Single(told.Server["messages"]!.AsArray())!;
            var back = Assert.Single(told.Client["messages"]!.AsArray())!;
            Assert.Equal(bytes, back["bytes"]!.GetValue<int>());
            Assert.Equal(there["hash"]!.GetValue<string>(), back["hash"]!.GetValue<string>());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Fragments_pass_with_a_ping_between_them(int version)
    {
        var told = await AsWithoutAsync(version, "?do=fragments", new JsonObject
        {
            ["do"] = "fragments",
            ["bytes"] = 100_000,
            ["closeAfter"] = true,
        });

        Assert.Equal(100_000, Assert.Single(told.Client["messages"]!.AsArray())!["bytes"]!.GetValue<int>());
        Assert.Equal("between", Assert.Single(told.Client["pongs"]!.AsArray())!.GetValue<string>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Pings_and_pongs_pass_both_ways_with_what_they_carry(int version)
    {
        var ofClient = await AsWithoutAsync(version, "", new JsonObject { ["do"] = "ping" });
        var ofAgent = await AsWithoutAsync(version, "?do=ping", new JsonObject
        {
            ["text"] = "here",
            ["closeAfter"] = true,
        });

        Assert.Equal("are you there", Assert.Single(ofClient.Client["pongs"]!.AsArray())!.GetValue<string>());
        Assert.Equal("pong here", Assert.Single(ofAgent.Client["messages"]!.AsArray())!["text"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(1, "superchat")]
    [InlineData(2, "superchat")]
    [InlineData(1, "")]
    [InlineData(2, "")]
    public async Task A_subprotocol_is_agreed_on_by_the_two_ends(int version, string agreed)
    {
        var order = new JsonObject { ["closeAfter"] = true };
        if (agreed.Length > 0)
        {
            order["protocols"] = new JsonArray("chat", agreed);
        }

        var told = await AsWithoutAsync(version, "", order);

        Assert.Equal(agreed, told.Client["protocol"]!.GetValue<string>());
        Assert.Equal(agreed, told.Server["protocol"]!.GetValue<string>());
    }

    private async Task<Told> AsWithoutAsync(int version, string query, JsonObject order)
    {
        var without = await peers.ConnectAsync(0, query, order);
        var with = await peers.ConnectAsync(version, query, order);
        Assert.Equal(without.Whole, with.Whole);
        return with;
    }
}
