using System.Collections.ObjectModel;
using System.Globalization;
using System.Net;
using Drover.Runtime.Probing.Rpc;

namespace Drover.Runtime.Probing;

public abstract partial record ProbeTarget
{
    /// <summary>
    /// A GET is answered with a status from 200 to 399. Use it for web services, with a path that the program answers
    /// by itself: one that asks a database is for readiness, never for liveness.
    /// </summary>
    /// <param name="Address">Where to.</param>
    public sealed record Http(ProbeAddress Address) : ProbeTarget
    {
        internal static readonly ProbeType About = new(
            "http",
            "A GET is answered with a status from 200 to 399. Redirects to the same host are followed, ten at most; "
            + "one to another host is a success that says so. With https any certificate will do.",
            "For web services. For liveness ask a path that the program answers by itself; one that asks its database "
            + "belongs to readiness, or an outage there restarts everything.");

        /// <summary>Path and query.</summary>
        public string Path { get; init; } = "/";

        /// <summary>True: https, with any certificate, for the probe carries no secret of ours and asks one.</summary>
        public bool IsTls { get; init; }

        /// <summary>Sent along; <c>Host</c> takes the place of the address.</summary>
        public IReadOnlyDictionary<string, string> Headers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

        /// <inheritdoc/>
        public override ProbeType Type => About;

        /// <summary>The address with its path.</summary>
        internal Uri Uri => new($"{(IsTls ? "https" : "http")}://{Address.Authority}{Path}");

        /// <summary>Reads <c>http://127.0.0.1:8080/healthz</c>.</summary>
        /// <returns>Null when <paramref name="target"/> is set, else why the text is none.</returns>
        public static string? TryParse(string url, out Http target)
        {
            target = new Http(new ProbeAddress(ProbeAddress.DefaultHost, 1));
            if (!System.Uri.TryCreate(url, UriKind.Absolute, out var uri)
                || uri.Scheme is not ("http" or "https")
                || uri.UserInfo.Length > 0)
            {
                return $"\"{url}\" is not the address of a page; write http://127.0.0.1:8080/healthz";
            }

            target = new Http(new ProbeAddress(uri.IdnHost, uri.Port))
            {
                Path = uri.PathAndQuery,
                IsTls = uri.Scheme == "https",
            };
            return null;
        }

        internal override IProbe CreateProbe(ProbeServices services) => new HttpProbe(this, services.Time);

        private protected override string? FaultOfValues() =>
            Path is ['/', ..] && System.Uri.TryCreate($"http://localhost{Path}", UriKind.Absolute, out _)
                ? null
                : $"path begins with a slash, unlike \"{Path}\"";
    }
}

/// <summary>
/// Asks a web server with the kubelet's rules (pkg/probe/http): GET, no proxy, no connection kept, at most 10 KiB of
/// the answer read and none of it repeated, because a page may hold anything.
/// </summary>
internal sealed class HttpProbe(ProbeTarget.Http target, TimeProvider time) : IProbe
{
    private const int MostRedirects = 10;
    private const int MostBodyBytes = 10 * 1024;

    private readonly Uri _start = target.Uri;

    public string Description => $"http {Name(_start)}";

    public async ValueTask<ProbeReport> RunAsync(ProbeSubject subject, CancellationToken cancellationToken)
    {
        var page = _start;
        try
        {
            for (var hop = 0; hop <= MostRedirects; hop++)
            {
                var (status, location) = await GetAsync(page, cancellationToken);
                if (location is null)
                {
                    return Judge(page, status);
                }

                if (!string.Equals(location.IdnHost, _start.IdnHost, StringComparison.OrdinalIgnoreCase))
                {
                    return ProbeReport.Success(
                        $"HTTP {(int)status} from {Name(page)}: warning: redirected to another host "
                        + $"(\"{ForeignText.OneLine(location.IdnHost)}\"), which was not asked");
                }

                page = location;
            }

            return ProbeReport.Failure($"{Name(_start)} redirected more than {MostRedirects} times");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return ProbeReport.Failure(HttpFailure.Sentence(page.Authority, exception));
        }
    }

    private async Task<(HttpStatusCode Status, Uri? Location)> GetAsync(Uri page, CancellationToken cancellationToken)
    {
        using var client = FreshHttp.Client(time);
        using var request = new HttpRequestMessage(HttpMethod.Get, page);
        foreach (var (name, value) in target.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        AddUnlessGiven(request, "User-Agent", FreshHttp.UserAgent);
        AddUnlessGiven(request, "Accept", "*/*");
        request.Headers.ConnectionClose = true;
        using var response = await client.SendAsync(request, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await FreshHttp.ReadAtMostAsync(body, MostBodyBytes, cancellationToken);
        return (response.StatusCode, RedirectOf(page, response));
    }

    /// <summary>
    /// Where to go on; null when this is the answer. Other schemes than http and https are not followed.
    /// </summary>
    private static Uri? RedirectOf(Uri page, HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is { } location
        && (location.IsAbsoluteUri ? location : new Uri(page, location)) is { Scheme: "http" or "https" } next
            ? next
            : null;

    private static void AddUnlessGiven(HttpRequestMessage request, string name, string value)
    {
        if (!request.Headers.Contains(name))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static ProbeReport Judge(Uri page, HttpStatusCode status)
    {
        var answer = string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)status} from {Name(page)}");
        return (int)status is >= 200 and < 400
            ? ProbeReport.Success(answer)
            : ProbeReport.Failure($"{answer}; 200 to 399 is healthy");
    }

    /// <summary>Without the query, which may hold a secret.</summary>
    private static string Name(Uri page) => $"{page.Scheme}://{page.Authority}{page.AbsolutePath}";
}
