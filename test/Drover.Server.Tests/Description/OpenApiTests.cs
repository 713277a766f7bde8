using System.Net;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Drover.Server.Features.Access;
using Drover.Testing.Documents;
using Drover.Testing.Server;
using Drover.Wire;

namespace Drover.Server.Tests.Description;

/// <summary>docs/reference/openapi.json against the rules of OpenAPI 3.1 and against the server.</summary>
public sealed partial class OpenApiTests
{
    private static readonly string[] Methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    private static readonly string[] Places = ["path", "query", "header", "cookie"];

    private static JsonElement Document { get; } =
        JsonElement.Parse(RepositoryFile.Read("docs/reference/openapi.json"));

    [Fact]
    public void Every_route_of_the_access_table_is_described_and_nothing_else_is() => Assert.Equal(
        AccessTable.Rules.Select(rule => $"{rule.Method} {rule.Route}").Order(),
        Operations().Select(one => $"{one.Method.ToUpperInvariant()} {one.Path}").Order());

    [Fact]
    public async Task The_server_serves_the_document_of_the_reference()
    {
        await using var server = await ServerFixture.StartAsync();
        var viewer = await server.WithRoleAsync("viewer");

        using var response = await viewer.GetAsync(Routes.OpenApi, TestContext.Current.CancellationToken);

        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            RepositoryFile.Read("docs/reference/openapi.json"),
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void It_says_which_openapi_it_is_and_what_it_describes()
    {
        Assert.StartsWith("3.1.", Document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(Document.GetProperty("info").GetProperty("title").GetString()!);
        Assert.NotEmpty(Document.GetProperty("info").GetProperty("version").GetString()!);
        Assert.All(
            Document.GetProperty("paths").EnumerateObject(),
            path =>
            {
                Assert.StartsWith("/", path.Name, StringComparison.Ordinal);
                Assert.All(path.Value.EnumerateObject(), method => Assert.Contains(method.Name, Methods));
            });
    }

    [Fact]
    public void Each_operation_has_a_name_of_its_own_a_known_tag_and_a_known_security()
    {
        var operations = Operations().ToList();
        var tags = Names("tags");
        Assert.Equal(tags, tags.Distinct());
        Assert.Equal(
            operations.Count,
            operations.Select(one => one.Value.GetProperty("operationId").GetString()).Distinct().Count());
        Assert.All(operations, operation =>
        {
            Assert.Contains(operation.Value.GetProperty("tags")[0].GetString(), tags);
            Assert.NotEmpty(operation.Value.GetProperty("summary").GetString()!);
            Assert.All(
                operation.Value.GetProperty("security").EnumerateArray().SelectMany(one => one.EnumerateObject()),
                scheme => Assert.True(
                    Document.GetProperty("components").GetProperty("securitySchemes").TryGetProperty(
                        scheme.Name, out _)));
        });
    }

    [Fact]
    public void Security_is_what_the_access_table_says() => Assert.All(Operations(), operation =>
    {
        var rule = AccessTable.Find(operation.Method.ToUpperInvariant(), operation.Path)!;
        var schemes = operation.Value.GetProperty("security").EnumerateArray()
            .SelectMany(one => one.EnumerateObject()).Select(scheme => scheme.Name);
        Assert.Equal(
            rule.Who switch
            {
                Who.Anybody => [],
                Who.Agent => ["signature"],
                _ => ["token"],
            },
            schemes);
    });

    [Fact]
    public void Each_part_in_braces_is_a_required_parameter_and_each_parameter_is_described_once() =>
        Assert.All(Operations(), operation =>
        {
            var parameters = Parameters(operation.Value);
            Assert.Equal(
                Brace().Matches(operation.Path).Select(match => match.Groups[1].Value),
                parameters.Where(one => Text(one, "in") == "path").Select(one => Text(one, "name")));
            Assert.Equal(
                parameters.Count,
                parameters.Select(one => (Text(one, "in"), Text(one, "name"))).Distinct().Count());
            Assert.All(parameters, parameter =>
            {
                Assert.Contains(Text(parameter, "in"), Places);
                Assert.NotEmpty(Text(parameter, "description"));
                Assert.True(parameter.TryGetProperty("schema", out _));
                Assert.True(Text(parameter, "in") != "path" || parameter.GetProperty("required").GetBoolean());
            });
        });

    [Fact]
    public void Each_operation_answers_and_each_answer_is_described_under_a_status_or_default() =>
        Assert.All(Operations(), operation =>
        {
            var responses = operation.Value.GetProperty("responses").EnumerateObject().ToList();
            Assert.Contains(responses, response => response.Name[0] == '2');
            Assert.All(responses, response =>
            {
                Assert.Matches("^([1-5][0-9][0-9]|default)$", response.Name);
                Assert.NotEmpty(Text(SchemaCheck.Follow(Document, response.Value), "description"));
            });
        });

    [Fact]
    public void Every_reference_leads_somewhere_and_every_component_is_needed()
    {
        var references = References(Document).ToHashSet();
        Assert.All(references, reference => SchemaCheck.Resolve(Document, reference));
        Assert.All(Document.GetProperty("components").EnumerateObject(), kind => Assert.All(
            kind.Value.EnumerateObject(), component => Assert.Matches("^[a-zA-Z0-9._-]+$", component.Name)));
        foreach (var kind in new[] { "responses", "examples" })
        {
            Assert.All(
                Document.GetProperty("components").GetProperty(kind).EnumerateObject(),
                component => Assert.Contains($"#/components/{kind}/{component.Name}", references));
        }
    }

    [Fact]
    public void Every_field_of_every_schema_has_a_type_and_a_meaning()
    {
        var schemas = Document.GetProperty("components").GetProperty("schemas").EnumerateObject().ToList();
        Assert.NotEmpty(schemas);
        Assert.All(schemas, schema =>
        {
            Assert.NotEmpty(Text(schema.Value, "description"));
            Assert.Equal("object", Text(schema.Value, "type"));
            var fields = schema.Value.GetProperty("properties");
            Assert.All(fields.EnumerateObject(), field =>
                Assert.False(
                    string.IsNullOrWhiteSpace(Text(field.Value, "description")), $"{schema.Name}.{field.Name}"));
            if (schema.Value.TryGetProperty("required", out var required))
            {
                Assert.All(
                    required.EnumerateArray(),
                    name => Assert.True(fields.TryGetProperty(name.GetString()!, out _)));
            }
        });
    }

    [Fact]
    public void There_is_an_example_of_every_problem_and_it_fits_the_schema()
    {
        var examples = Document.GetProperty("components").GetProperty("examples").EnumerateObject().ToList();
        var problems = typeof(Problems).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral && field.Name != nameof(Problems.Prefix))
            .Select(field => (string)field.GetRawConstantValue()!);
        Assert.Equal(problems.Order(), examples.Select(example => example.Name).Order());
        var schema = SchemaCheck.Resolve(Document, "#/components/schemas/Problem");
        Assert.All(examples, example =>
        {
            var value = example.Value.GetProperty("value");
            Assert.Empty(new SchemaCheck(Document).Check(schema, value));
            Assert.Equal(Problems.Prefix + example.Name, Text(value, "type"));
        });
    }

    [Fact]
    public async Task The_query_parameters_are_those_that_the_server_says_it_knows()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        var command = await server.OnSocket().OrderAsync(Wire.Commands.CommandTypes.Health, "web");
        var checkedRoutes = 0;
        foreach (var operation in Operations().Where(one => one.Method == "get"))
        {
            var rule = AccessTable.Find("GET", operation.Path)!;
            if (rule.Who is Who.Anybody or Who.Agent)
            {
                continue;
            }

            var path = operation.Path
                .Replace("{host}", agent.HostId, StringComparison.Ordinal)
                .Replace("{id}", command.CommandId, StringComparison.Ordinal);
            using var response = await server.OnSocket().GetAsync(
                $"{path}?no_such_parameter=1",
                HttpCompletionOption.ResponseHeadersRead,
                TestContext.Current.CancellationToken);
            var described = Parameters(operation.Value).Where(one => Text(one, "in") == "query")
                .Select(one => Text(one, "name")).Order().ToList();
            if (response.StatusCode == HttpStatusCode.OK)
            {
                Assert.Empty(described);
                continue;
            }

            var problem = await ServerFixture.ProblemAsync(response);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            var known = problem.Detail!.Split("there are ")[^1];
            Assert.Equal(
                known.Split(", ", StringSplitOptions.RemoveEmptyEntries).Order(), described);
            checkedRoutes++;
        }

        Assert.True(checkedRoutes > 5, $"only {checkedRoutes} routes told their parameters");
    }

    private static IEnumerable<(string Path, string Method, JsonElement Value)> Operations() =>
        from path in Document.GetProperty("paths").EnumerateObject()
        from method in path.Value.EnumerateObject()
        select (path.Name, method.Name, method.Value);

    private static List<JsonElement> Parameters(JsonElement operation) =>
        operation.TryGetProperty("parameters", out var parameters) ? [.. parameters.EnumerateArray()] : [];

    private static IReadOnlyList<string> Names(string property) =>
        [.. Document.GetProperty(property).EnumerateArray().Select(one => Text(one, "name"))];

    private static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(
            field => field.NameEquals("$ref") ? [field.Value.GetString()!] : References(field.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    [GeneratedRegex(@"\{([a-z]+)\}")]
    private static partial Regex Brace();
}
