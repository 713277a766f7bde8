using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Drover.Server.Features.Description;
using Drover.Wire;
using Drover.Wire.People;

namespace Drover.Reference;

/// <summary>The answers that say what is wrong, with an example of each that the server itself would give.</summary>
internal sealed class OpenApiProblems(OpenApiSchemas schemas)
{
    private const string Media = "application/problem+json";
    private const string OlderAgents = "older agents";

    /// <summary>What any route may answer; told once, as the default.</summary>
    private static readonly string[] OfEveryRoute =
        [Problems.TooManyRequests, Problems.Internal, Problems.StorageUnavailable, Problems.NotReady];

    private readonly SortedDictionary<string, JsonObject> _responses = new(StringComparer.Ordinal);

    /// <summary>The responses that operations refer to.</summary>
    public JsonObject Responses()
    {
        var all = new JsonObject();
        foreach (var (name, response) in _responses)
        {
            all.Add(name, response);
        }

        return all;
    }

    public static JsonObject Examples()
    {
        var examples = new JsonObject();
        foreach (var problem in ProblemExamples.All)
        {
            examples[NameOf(problem)] = new JsonObject
            {
                ["summary"] = problem.Title,
                ["value"] = JsonSerializer.SerializeToNode(problem, WireJson.Default.ProblemDto),
            };
        }

        return examples;
    }

    /// <summary>Adds to an operation's responses the problems it can answer with.</summary>
    public void AddTo(JsonObject responses, ApiOperation operation)
    {
        if (operation.Tag == OlderAgents)
        {
            responses["401"] = Response([Problems.Unauthorized]);
            return;
        }

        var own = operation.Problems.Concat(OfCaller(operation)).Concat(OfInput(operation)).ToHashSet();
        var byStatus = ProblemExamples.All.Where(problem => own.Contains(NameOf(problem)))
            .GroupBy(problem => problem.Status!.Value)
            .OrderBy(group => group.Key);
        foreach (var group in byStatus)
        {
            responses[group.Key.ToString(CultureInfo.InvariantCulture)] = Response([.. group.Select(NameOf)]);
        }

        responses["default"] = Response(OfEveryRoute);
    }

    private static IEnumerable<string> OfCaller(ApiOperation operation) => operation.Caller switch
    {
        "anybody" => [],
        "agent" => [Problems.Unauthorized, Problems.ReSign],
        _ => [Problems.Unauthorized, Problems.Forbidden],
    };

    private static IEnumerable<string> OfInput(ApiOperation operation)
    {
        if (operation.Body is not null)
        {
            return [Problems.InvalidRequest, Problems.TooLarge, Problems.TooSlow];
        }

        return operation.Query.Count > 0 ? [Problems.InvalidRequest] : [];
    }

    private JsonObject Response(IReadOnlyList<string> names)
    {
        var name = string.Join('.', names);
        _responses.TryAdd(name, Describe(names));
        return new JsonObject { ["$ref"] = $"#/components/responses/{name}" };
    }

    private JsonObject Describe(IReadOnlyList<string> names)
    {
        var examples = new JsonObject();
        foreach (var name in names)
        {
            examples[name] = new JsonObject { ["$ref"] = $"#/components/examples/{name}" };
        }

        return new JsonObject
        {
            ["description"] = $"A problem: {string.Join(", ", names.Select(name => $"`{name}`"))}.",
            ["content"] = new JsonObject
            {
                [Media] = new JsonObject
                {
                    ["schema"] = schemas.Of(WireJson.Default.ProblemDto),
                    ["examples"] = examples,
                },
            },
        };
    }

    private static string NameOf(ProblemDto problem) => problem.Type![Problems.Prefix.Length..];
}
