using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Drover.Testing.Server;
using Drover.Wire;

namespace Drover.Server.Tests.Limits;

/// <summary>
/// Every field of text of every body, one after the other, holds 10,000 characters, or half a character. Nothing fails
/// in the server, and nothing that a person or a stranger sent makes any later answer unreadable.
/// </summary>
public sealed class LongTextTests
{
    private const int LongestShown = 1_100;

    private static readonly (string Path, string Body)[] OfPeople =
    [
        (Routes.Tokens, """{"name":"ci","role":"viewer"}"""),
        (Routes.EnrollmentTokens, """{"name":"alpha"}"""),
        (
            Routes.Commands,
            """
            {"type":"health","host":"alpha","priority":"normal","reason":"why",
             "request_id":"6a2f3c1e-3a55-4a86-a6a8-1f2d0f1a8c11","parameters":{"app_code":"web","container":"web"}}
            """),
        (
            Routes.Commands,
            """
            {"type":"logs","parameters":{"app_code":"web","cursor":"2026-01-01T00:00:00Z#1","since":"1h",
             "streams":["stdout"]}}
            """),
    ];

    private static readonly (string Path, string Body)[] OfStrangers =
    [
        (
            Routes.Enroll,
            """
            {"token":"dre_x","name":"a","hostname":"a","os":"a","architecture":"a","docker_version":"a",
             "key":"0123456789012345678901234567890123456789012","kind":"host_agent","agent_version":"1"}
            """),
        (Routes.LegacyRegister, """{"deployment_hash":"a","agent_version":"1","system_info":{"hostname":"a"}}"""),
        (Routes.LegacyMarketplaceRegister, """{"purchase_token":"drl_x","server_fingerprint":{"hostname":"a"}}"""),
    ];

    private static readonly (string Path, string Body)[] OfHosts =
    [
        (Routes.Heartbeat, """{"run":1900000000000,"seq":1,"inv":"a","docker":"up","at":1}"""),
        (
            Routes.Inventory,
            """
            {"run":1900000000000,"seq":1,"full":true,"base":"a","hash":"a","host":{"hostname":"a","os":"a"},
             "upsert":[{"dockerId":"a","name":"a","image":"a","state":"running","status":"Up","command":"a",
             "labels":{"drover.app":"a"}}],"remove":["a"]}
            """),
        (
            Routes.AgentEvents,
            """
            {"run":1900000000000,"seq":1,"events":[{"type":"container.died","time":"2026-01-01T00:00:00Z",
             "subject":"a","severity":"info","data":{"container":"a"}}]}
            """),
        (
            Routes.CommandReport,
            """
            {"command_id":"a","deployment_hash":"a","status":"failed","completed_at":"2026-01-01T00:00:00Z",
             "started_at":"2026-01-01T00:00:00Z","result":{"type":"restart","app_code":"a"},"error":"a",
             "errors":[{"code":"a","message":"a"}],"executed_by":"status_panel"}
            """),
        (Routes.CommandRenew, """{"command_ids":["a"],"executing":["a"]}"""),
        (
            Routes.AppStatus,
            """
            {"deployment_hash":"a","app_code":"a","status":"a","logs":["a"],"timestamp":"2026-01-01T00:00:00Z"}
            """),
    ];

    [Fact]
    public async Task In_any_field_of_a_person_or_stranger_it_is_refused_or_kept_short()
    {
        await using var server = await ServerFixture.StartAsync(
            configure: options => options with { Limits = new ServerLimits { WrongTokens = 10_000 } });
        await server.JoinAsync("alpha", "web");
        var token = await server.EnrollmentTokenAsync();
        foreach (var (path, body) in OfPeople.Concat(OfStrangers))
        {
            foreach (var bent in Bent(body.Replace("dre_x", token, StringComparison.Ordinal)))
            {
                using var content = new ByteArrayContent(bent);
                using var response =
                    await server.Admin().PostAsync(path, content, TestContext.Current.CancellationToken);
                await MustBeUnderstoodAsync(path, bent, response);
            }
        }

        foreach (var path in new[]
        {
            Routes.Hosts, Routes.Containers, Routes.Commands, Routes.Events, Routes.Audit, Routes.Tokens,
            Routes.EnrollmentTokens,
        })
        {
            var text = await server.OnSocket().GetStringAsync(path, TestContext.Current.CancellationToken);
            Assert.InRange(Texts(JsonNode.Parse(text)).Max(one => one.Length), 0, LongestShown);
        }
    }

    [Fact]
    public async Task In_any_field_of_a_host_it_fails_nothing_in_the_server()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        foreach (var (path, body) in OfHosts)
        {
            foreach (var bent in Bent(body))
            {
                using var response = await agent.SendAsync(HttpMethod.Post, path, bent);
                await MustBeUnderstoodAsync(path, bent, response);
            }
        }

        Assert.Equal("alpha", Assert.Single(await server.Admin().HostsAsync()).Name);
    }

    private static async Task MustBeUnderstoodAsync(string path, byte[] body, HttpResponseMessage response)
    {
        var answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(
            response.StatusCode < HttpStatusCode.InternalServerError
                && response.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests),
            $"{path}: {response.StatusCode} to {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(300, body.Length)))}");
        Assert.InRange(answer.Length, 0, 20_000);
        if (!response.IsSuccessStatusCode)
        {
            // A character may be written as six.
            Assert.InRange(answer.Length, 1, 8_000);
        }
    }

    /// <summary>The body once for each field of text and each bad text.</summary>
    private static IEnumerable<byte[]> Bent(string body)
    {
        var count = Texts(JsonNode.Parse(body)).Count();
        for (var index = 0; index < count; index++)
        {
            yield return Replaced(body, index, new string('x', 10_000));
            yield return Replaced(body, index, new string('\u00e4', 10_000));
            yield return Replaced(body, index, "half\0a character: \u0001\u202e");
            yield return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Replaced(body, index, "@@"))
                .Replace("@@", "\\ud83d", StringComparison.Ordinal));
        }
    }

    private static byte[] Replaced(string body, int index, string text)
    {
        var seen = 0;
        return JsonSerializer.SerializeToUtf8Bytes(With(JsonNode.Parse(body), () => seen++ == index ? text : null));
    }

    private static JsonNode? With(JsonNode? node, Func<string?> replacement) => node switch
    {
        JsonObject one => new JsonObject(
            one.Select(pair => KeyValuePair.Create(pair.Key, With(pair.Value, replacement)))),
        JsonArray many => new JsonArray([.. many.Select(item => With(item, replacement))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => replacement() is { } text
            ? JsonValue.Create(text)
            : value.DeepClone(),
        _ => node?.DeepClone(),
    };

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject one => one.SelectMany(pair => Texts(pair.Value)),
        JsonArray many => many.SelectMany(Texts),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => [value.GetValue<string>()],
        _ => [],
    };
}
