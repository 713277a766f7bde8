using Drover.Gateway.Activity;
using Drover.Gateway.Agents;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Forwarder;

namespace Drover.Gateway.Forwarding;

/// <summary>
/// One request on its way to an agent and back: what of its headers goes on in either direction. Everything does but
/// what is between neighbours, what a client says of its own address, and a trace that cannot be read.
/// </summary>
internal sealed class ForwardedRequest(
    ClientAddress client, AgentSeat seat, ForwardingDeadline deadline, WorkKind kind) : HttpTransformer
{
    private const string Te = "TE";
    private const string Trailers = "trailers";
    private const string Cookie = "Cookie";
    private const string EventStream = "text/event-stream";

    private readonly long _began = seat.Meter.BeginForwarding();

    /// <summary>What kind of work it is, by what is known so far.</summary>
    public WorkKind Kind { get; private set; } = kind;

    /// <summary>Its body; null where there is none, and for gRPC: the library sends it while answers come.</summary>
    public RequestBody? Body { get; private set; }

    /// <inheritdoc/>
    public override ValueTask TransformRequestAsync(
        HttpContext httpContext,
        HttpRequestMessage proxyRequest,
        string destinationPrefix,
        CancellationToken cancellationToken)
    {
        var request = httpContext.Request;
        if (proxyRequest.Content is not null && Kind is not WorkKind.Grpc)
        {
            proxyRequest.Content = Body = new RequestBody(httpContext, deadline);
        }

        proxyRequest.RequestUri = RequestTarget.Of(httpContext, destinationPrefix);
        var named = HopByHop.NamedBy(request.Headers.Connection);
        var hasTrace = TraceContext.IsValid(request.Headers.TraceParent);
        foreach (var (name, values) in request.Headers)
        {
            if (IsForAgent(name, named, hasTrace))
            {
                Add(proxyRequest, name, values);
            }
        }

        if (TakesTrailers(request.Headers.TE))
        {
            proxyRequest.Headers.TryAddWithoutValidation(Te, Trailers);
        }

        client.Write(request, proxyRequest.Headers);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        deadline.Answered();
        if (proxyResponse is null)
        {
            return false;
        }

        seat.Meter.Forwarded(_began);
        var headers = httpContext.Response.Headers;
        var named = HopByHop.NamedBy(proxyResponse.Headers.NonValidated);
        Copy(proxyResponse.Headers.NonValidated, named, headers);
        Copy(proxyResponse.Content.Headers.NonValidated, named, headers);
        if (proxyResponse.Content.Headers.ContentType?.MediaType is { } type
            && type.Equals(EventStream, StringComparison.OrdinalIgnoreCase))
        {
            seat.Activity.Change(Kind, WorkKind.Events);
            Kind = WorkKind.Events;

            // A stream of events may be silent at first, and its reader waits to be told that it is open.
            await httpContext.Response.Body.FlushAsync(cancellationToken);
        }

        return true;
    }

    private static bool IsForAgent(string name, HashSet<string>? named, bool hasTrace) =>
        !HopByHop.Is(name)
        && named?.Contains(name) is not true
        && !ClientAddress.Is(name)
        && (hasTrace
            || !(name.Equals(TraceContext.Parent, StringComparison.OrdinalIgnoreCase)
                || name.Equals(TraceContext.State, StringComparison.OrdinalIgnoreCase)))
        && name[0] != ':';

    private static void Add(HttpRequestMessage request, string name, StringValues values)
    {
        // HTTP/2 clients may send a cookie in pieces, which are one header again in HTTP/1.1 (RFC 9113, 8.2.3).
        var value = values.Count == 1 ? values[0]
            : name.Equals(Cookie, StringComparison.OrdinalIgnoreCase) ? string.Join("; ", (IEnumerable<string?>)values)
            : null;
        if (value is not null)
        {
            Add(request, name, value);
            return;
        }

        foreach (var one in values)
        {
            Add(request, name, one ?? "");
        }
    }

    private static void Add(HttpRequestMessage request, string name, string value)
    {
        // Headers of a body belong to the body, and have none to belong to where there is no body.
        if (!request.Headers.TryAddWithoutValidation(name, value))
        {
            (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static void Copy(
        System.Net.Http.Headers.HttpHeadersNonValidated from, HashSet<string>? named, IHeaderDictionary to)
    {
        foreach (var (name, values) in from)
        {
            if (!HopByHop.Is(name) && named?.Contains(name) is not true)
            {
                var more = values.Count == 1 ? new StringValues(values.ToString()) : new StringValues([.. values]);
                to[name] = StringValues.Concat(to[name], more);
            }
        }
    }

    private static bool TakesTrailers(StringValues te)
    {
        foreach (var line in te)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                if (line.AsSpan(range).Trim().Equals(Trailers, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
