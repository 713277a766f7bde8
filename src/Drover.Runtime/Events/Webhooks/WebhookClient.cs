using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using Drover.Runtime.Configuration;
using Drover.Runtime.Scheduling;
using Drover.Wire.People;

namespace Drover.Runtime.Events.Webhooks;

/// <summary>
/// Sends events to one receiver: a POST each, never a second one because of a redirect, and of the answer nothing but
/// its status is read. Secrets are read for each attempt, so that exchanging a file is enough. Owns its connections,
/// which no other receiver shares.
/// </summary>
internal sealed class WebhookClient : IDisposable
{
    private const int DrainBytes = 16 << 10;
    private const int HeaderKilobytes = 16;
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    private readonly TimeProvider _time;
    private readonly HttpClient _direct = NewClient(useProxy: false);
    private readonly HttpClient _proxied = NewClient(useProxy: true);

    internal WebhookClient(TimeProvider time) => _time = time;

    /// <summary>One attempt.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    internal async Task<WebhookOutcome> SendAsync(WebhookSpec spec, EventDto one, CancellationToken cancellationToken)
    {
        if (!TryMake(spec, one, out var request, out var objection))
        {
            // A person mends this in the file; the event waits.
            return new WebhookOutcome.NotNow(objection);
        }

        using (request)
        using (var deadline = new Deadline(_time, spec.Timeout, cancellationToken))
        {
            try
            {
                var client = request.RequestUri!.IsLoopback ? _direct : _proxied;
                using var response =
                    await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
                return Judge(response);
            }
            catch (OperationCanceledException) when (deadline.HasPassed)
            {
                return new WebhookOutcome.NotNow(string.Create(
                    CultureInfo.InvariantCulture, $"it did not answer within {spec.Timeout.TotalSeconds:0.#} s"));
            }
            catch (HttpRequestException error)
            {
                return new WebhookOutcome.NotNow(Why(error));
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _direct.Dispose();
        _proxied.Dispose();
    }

    private static HttpClient NewClient(bool useProxy) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = useProxy,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        MaxConnectionsPerServer = 1,
        MaxResponseHeadersLength = HeaderKilobytes,
        MaxResponseDrainSize = DrainBytes,
        ResponseDrainTimeout = TimeSpan.FromSeconds(1),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private bool TryMake(WebhookSpec spec, EventDto one, out HttpRequestMessage request, out string objection)
    {
        request = null!;
        if (!TryAddress(spec, out var address, out objection))
        {
            return false;
        }

        var body = spec.IsSlack ? SlackBody.Of(one) : CloudEventBody.Of(one);
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(
            spec.IsSlack ? SlackBody.ContentType : CloudEventBody.ContentType);
        request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        request.Headers.TryAddWithoutValidation("User-Agent", "drover");
        try
        {
            Stamp(request, spec, one.Id, body);
            return true;
        }
        catch (ConfigurationException error)
        {
            request.Dispose();
            objection = $"its signing key \"{spec.SigningKey!.Written}\" cannot be used: {error.Message}";
            return false;
        }
    }

    private void Stamp(HttpRequestMessage request, WebhookSpec spec, string id, byte[] body)
    {
        var now = _time.GetUtcNow();
        request.Headers.Add("webhook-id", id);
        request.Headers.Add(
            "webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        if (spec.SigningKey?.Read() is { } keys)
        {
            request.Headers.Add("webhook-signature", WebhookSignature.Sign(keys, id, now, body));
        }
    }

    private static bool TryAddress(WebhookSpec spec, out Uri address, out string objection)
    {
        address = spec.Url!;
        try
        {
            if (spec.SecretUrl is { } secret
                && !Uri.TryCreate(secret.Read().Reveal(), UriKind.Absolute, out address!))
            {
                objection = $"\"{secret.Written}\" holds no address; it must be one such as https://HOST/PATH";
                return false;
            }
        }
        catch (ConfigurationException error)
        {
            objection = error.Message;
            return false;
        }

        objection = WebhookSpec.Objection(address, spec.AllowsPlainHttp) ?? string.Empty;
        return objection.Length == 0;
    }

    private WebhookOutcome Judge(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var reason = string.Create(CultureInfo.InvariantCulture, $"it answered {status}");
        return response.StatusCode switch
        {
            >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices => new WebhookOutcome.Delivered(),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
                new WebhookOutcome.NotNow(reason, RetryAfter(response)),
            >= HttpStatusCode.InternalServerError => new WebhookOutcome.Failed(reason),
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest =>
                new WebhookOutcome.Refused($"{reason}, and a redirect is not followed: write where it leads"),
            _ => new WebhookOutcome.Refused(reason),
        };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        var after = header?.Delta ?? (header?.Date is { } date ? date - _time.GetUtcNow() : null);
        return after is not { } asked ? null
            : asked < TimeSpan.Zero ? TimeSpan.Zero
            : asked > LongestRetryAfter ? LongestRetryAfter
            : asked;
    }

    /// <summary>In words of our own: those of the library name the address.</summary>
    private static string Why(HttpRequestException error) => error switch
    {
        { InnerException: AuthenticationException } => "its certificate is not trusted",
        { HttpRequestError: HttpRequestError.SecureConnectionError } => "no TLS connection to it comes about",
        { HttpRequestError: HttpRequestError.NameResolutionError } => "the name in its address cannot be resolved",
        { HttpRequestError: HttpRequestError.ProxyTunnelError } => "the proxy on the way to it refuses",
        { HttpRequestError: HttpRequestError.ConnectionError } => "it cannot be reached",
        _ => "the connection ended before it answered",
    };
}
