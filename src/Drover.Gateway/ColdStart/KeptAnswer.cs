using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Drover.Gateway.ColdStart;

/// <summary>An answer of an agent's that is given again while it sleeps. It never changes.</summary>
/// <param name="Status">Its status code.</param>
/// <param name="Headers">Its headers, without those of one passage.</param>
/// <param name="Body">Its body.</param>
/// <param name="Varies">Headers of requests that it depends on, with what they were.</param>
/// <param name="At">When it came, as a timestamp.</param>
internal sealed record KeptAnswer(
    int Status,
    IReadOnlyList<KeyValuePair<string, StringValues>> Headers,
    byte[] Body,
    IReadOnlyList<KeyValuePair<string, StringValues>> Varies,
    long At)
{
    /// <summary>True when this request would have got it too (RFC 9111, section 4.1).</summary>
    public bool Fits(HttpRequest request) =>
        request.Headers.Authorization.Count == 0
        && Varies.All(header => request.Headers[header.Key] == header.Value);

    /// <summary>Sends it, and says how old it is.</summary>
    public async Task WriteAsync(HttpContext context, TimeProvider time)
    {
        var response = context.Response;
        response.StatusCode = Status;
        foreach (var (name, values) in Headers)
        {
            response.Headers[name] = values;
        }

        response.Headers.Age = ((long)time.GetElapsedTime(At).TotalSeconds).ToString(CultureInfo.InvariantCulture);
        if (HttpMethods.IsHead(context.Request.Method) || Body.Length == 0)
        {
            return;
        }

        response.ContentLength = Body.Length;
        await response.Body.WriteAsync(Body, context.RequestAborted);
    }
}
