using System.Text.Json.Nodes;
using Drover.Server.Features.Description;

namespace Drover.Reference;

/// <summary>Parameters of an operation as OpenAPI writes them.</summary>
internal static class OpenApiParameters
{
    public static JsonArray Of(ApiOperation operation)
    {
        var parameters = new JsonArray();
        if (operation.Route.IndexOf('{', StringComparison.Ordinal) is > 0 and var start)
        {
            parameters.Add((JsonNode)new JsonObject
            {
                ["name"] = operation.Route[(start + 1)..operation.Route.IndexOf('}', StringComparison.Ordinal)],
                ["in"] = "path",
                ["required"] = true,
                ["description"] = operation.Place
                    ?? throw new InvalidOperationException($"{operation.Route} does not say what its braces hold."),
                ["schema"] = new JsonObject { ["type"] = "string" },
            });
        }

        foreach (var parameter in operation.Query)
        {
            parameters.Add((JsonNode)Of(parameter));
        }

        return parameters;
    }

    private static JsonObject Of(ApiParameter parameter)
    {
        var written = new JsonObject
        {
            ["name"] = parameter.Name,
            ["in"] = parameter.IsHeader ? "header" : "query",
            ["description"] = parameter.Meaning,
        };
        if (parameter.IsRequired)
        {
            written["required"] = true;
        }

        if (parameter.IsList)
        {
            // As ?state=a,b; ?state=a&state=b is taken too.
            written["style"] = "form";
            written["explode"] = false;
            written["schema"] = new JsonObject { ["type"] = "array", ["items"] = Value(parameter) };
        }
        else
        {
            written["schema"] = Value(parameter);
        }

        return written;
    }

    private static JsonObject Value(ApiParameter parameter)
    {
        if (parameter.Range is { } range)
        {
            return new JsonObject { ["type"] = "integer", ["minimum"] = range.Least, ["maximum"] = range.Most };
        }

        var text = new JsonObject { ["type"] = "string" };
        if (parameter.Values is { } values)
        {
            text["enum"] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]);
        }

        return text;
    }
}
