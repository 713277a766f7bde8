namespace Drover.Wire;

/// <summary>The stable <c>type</c> of every problem the server answers with (docs/reference/errors.md).</summary>
public static class Problems
{
    /// <summary>What stands before the name in a problem's <c>type</c>.</summary>
    public const string Prefix = "urn:drover:problem:";

    /// <summary>
    /// 409: the signature is right and the stamp is not; sign again with the time in <c>server_time</c>.
    /// </summary>
    public const string ReSign = "re-sign";

    /// <summary>401: no or no valid credentials. One answer for every cause.</summary>
    public const string Unauthorized = "unauthorized";

    /// <summary>403: the caller's role may not do this.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>403: the host's own policy does not allow it, whatever the caller's role.</summary>
    public const string PolicyDenied = "policy-denied";

    /// <summary>400: the request cannot be understood; the detail names the field.</summary>
    public const string InvalidRequest = "invalid-request";

    /// <summary>404: no such thing; the detail names it.</summary>
    public const string NotFound = "not-found";

    /// <summary>404: no container answers to the app code.</summary>
    public const string AppUnknown = "app-unknown";

    /// <summary>409: several containers answer to the app code; <c>candidates</c> names them.</summary>
    public const string AppAmbiguous = "app-ambiguous";

    /// <summary>409: several hosts could be meant; <c>candidates</c> names them.</summary>
    public const string HostAmbiguous = "host-ambiguous";

    /// <summary>409: the thing is in a state in which this cannot be done.</summary>
    public const string Conflict = "conflict";

    /// <summary>408: the body did not arrive in time.</summary>
    public const string TooSlow = "too-slow";

    /// <summary>413, 414, 431: the body, the address or the headers are larger than the server takes.</summary>
    public const string TooLarge = "too-large";

    /// <summary>429: too many requests; see <c>Retry-After</c>.</summary>
    public const string TooManyRequests = "too-many-requests";

    /// <summary>503: the host cannot do it now (offline, or its engine is down).</summary>
    public const string HostUnavailable = "host-unavailable";

    /// <summary>
    /// 503: the server can store nothing now (its disk is full or failing); nothing of the request took effect.
    /// </summary>
    public const string StorageUnavailable = "storage-unavailable";

    /// <summary>503: the server is stopping.</summary>
    public const string NotReady = "not-ready";

    /// <summary>500: a defect of the server; its log has more.</summary>
    public const string Internal = "internal-error";
}
