using System.Text.Json.Serialization.Metadata;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Wire.Client;

/// <summary>
/// The typed client of people and tools. Takes an <see cref="HttpClient"/> whose base address, transport (TCP or the
/// unix socket) and authorization are set. A refusal is a <see cref="ServerProblemException"/>, silence a
/// <see cref="ServerUnreachableException"/>. Nothing is retried but the streams, which resume where they broke off.
/// </summary>
public sealed partial class DroverClient(HttpClient http, TimeProvider time)
{
    private const int PageSize = 1000;
    private const int MaxPages = 1000;

    private readonly Exchange _exchange = new(http, time, "the server");

    /// <summary>Longest single wait for a command that the server grants.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(25);

    /// <summary>Who the server takes the caller for, and its version.</summary>
    public Task<WhoAmIDto> WhoAmIAsync(CancellationToken cancellationToken) =>
        _exchange.GetAsync(Routes.WhoAmI, WireJson.Default.WhoAmIDto, cancellationToken);

    /// <summary>All hosts.</summary>
    public Task<IReadOnlyList<HostDto>> ListHostsAsync(CancellationToken cancellationToken) =>
        AllAsync(
            after => new Query(Routes.Hosts).With("after", after), WireJson.Default.PageHostDto, cancellationToken);

    /// <summary>All containers, of one host or all.</summary>
    public Task<IReadOnlyList<HostContainerDto>> ListContainersAsync(
        string? host, CancellationToken cancellationToken) =>
        AllAsync(
            after => new Query(Routes.Containers).With("host", host).With("limit", PageSize).With("after", after),
            WireJson.Default.PageHostContainerDto,
            cancellationToken);

    /// <summary>One page of commands, newest first.</summary>
    public Task<Page<CommandDto>> ListCommandsAsync(CommandQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var path = new Query(Routes.Commands)
            .With("state", query.State).With("host", query.Host).With("limit", query.Limit).With("after", query.After);
        return _exchange.GetAsync(path.ToString(), WireJson.Default.PageCommandDto, cancellationToken);
    }

    /// <summary>One command as it stands.</summary>
    public Task<CommandDto> GetCommandAsync(string commandId, CancellationToken cancellationToken) =>
        _exchange.GetAsync(CommandPath(commandId), WireJson.Default.CommandDto, cancellationToken);

    /// <summary>
    /// One command, once it is final or after <paramref name="wait"/> (at most <see cref="LongestWait"/>).
    /// </summary>
    public Task<CommandDto> WaitForCommandAsync(string commandId, TimeSpan wait, CancellationToken cancellationToken)
    {
        var seconds = (int)Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, LongestWait.TotalSeconds);
        return _exchange.GetAsync(
            new Query(CommandPath(commandId)).With("wait", seconds).ToString(),
            WireJson.Default.CommandDto,
            cancellationToken);
    }

    /// <summary>Orders a command. It is stored when this returns.</summary>
    public Task<CommandDto> OrderAsync(OrderRequest order, CancellationToken cancellationToken) =>
        _exchange.SendAsync(
            HttpMethod.Post,
            Routes.Commands,
            Exchange.Body(order, WireJson.Default.OrderRequest),
            WireJson.Default.CommandDto,
            cancellationToken);

    /// <summary>Takes back a command that no host has taken.</summary>
    public Task<CommandDto> CancelCommandAsync(string commandId, CancellationToken cancellationToken) =>
        _exchange.SendAsync(
            HttpMethod.Post, CommandPath(commandId) + "/cancel", null, WireJson.Default.CommandDto, cancellationToken);

    /// <summary>One page of events, oldest first.</summary>
    public Task<Page<EventDto>> ListEventsAsync(EventQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _exchange.GetAsync(
            EventPath(Routes.Events, query).With("limit", query.Limit).ToString(),
            WireJson.Default.PageEventDto,
            cancellationToken);
    }

    /// <summary>All tokens, API and enrollment, the newest first.</summary>
    public async Task<IReadOnlyList<TokenDto>> ListTokensAsync(CancellationToken cancellationToken)
    {
        var page = WireJson.Default.PageTokenDto;
        var api = await _exchange.GetAsync(Routes.Tokens, page, cancellationToken).ConfigureAwait(false);
        var enrollment =
            await _exchange.GetAsync(Routes.EnrollmentTokens, page, cancellationToken).ConfigureAwait(false);
        return [.. api.Items.Concat(enrollment.Items).OrderByDescending(token => token.CreatedAt)];
    }

    /// <summary>Makes an API token; the answer is the only one that carries it.</summary>
    public Task<CreatedTokenDto> CreateTokenAsync(CreateTokenRequest request, CancellationToken cancellationToken) =>
        _exchange.SendAsync(
            HttpMethod.Post,
            Routes.Tokens,
            Exchange.Body(request, WireJson.Default.CreateTokenRequest),
            WireJson.Default.CreatedTokenDto,
            cancellationToken);

    /// <summary>Makes a one-time token that enrolls a host; the answer is the only one that carries it.</summary>
    public Task<CreatedTokenDto> CreateEnrollmentTokenAsync(
        CreateEnrollmentTokenRequest request, CancellationToken cancellationToken) =>
        _exchange.SendAsync(
            HttpMethod.Post,
            Routes.EnrollmentTokens,
            Exchange.Body(request, WireJson.Default.CreateEnrollmentTokenRequest),
            WireJson.Default.CreatedTokenDto,
            cancellationToken);

    /// <summary>Ends a token, of either kind: an id does not say which it is.</summary>
    public async Task RevokeTokenAsync(string tokenId, CancellationToken cancellationToken)
    {
        var id = Uri.EscapeDataString(tokenId);
        try
        {
            await _exchange.DeleteAsync($"{Routes.Tokens}/{id}", cancellationToken).ConfigureAwait(false);
        }
        catch (ServerProblemException problem) when (problem.Name == Problems.NotFound)
        {
            await _exchange.DeleteAsync($"{Routes.EnrollmentTokens}/{id}", cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Refuses a host from now on; it stays in the list.</summary>
    public Task<HostDto> RevokeHostAsync(string host, CancellationToken cancellationToken) => _exchange.SendAsync(
        HttpMethod.Post, HostPath(Routes.HostRevocation, host), null, WireJson.Default.HostDto, cancellationToken);

    /// <summary>Orders a host to make a new key.</summary>
    public Task<HostDto> RotateHostKeyAsync(string host, CancellationToken cancellationToken) => _exchange.SendAsync(
        HttpMethod.Post, HostPath(Routes.HostKeyRotation, host), null, WireJson.Default.HostDto, cancellationToken);

    /// <summary>The server's certificate and the one that follows it.</summary>
    public Task<CertificateDto> GetCertificateAsync(CancellationToken cancellationToken) =>
        _exchange.GetAsync(Routes.Certificate, WireJson.Default.CertificateDto, cancellationToken);

    /// <summary>Announces another certificate, to be used later.</summary>
    public Task<CertificateDto> RotateCertificateAsync(
        RotateCertificateRequest request, CancellationToken cancellationToken) =>
        _exchange.SendAsync(
            HttpMethod.Post,
            Routes.CertificateRotation,
            Exchange.Body(request, WireJson.Default.RotateCertificateRequest),
            WireJson.Default.CertificateDto,
            cancellationToken);

    /// <summary>Forgets a host, its containers and its key; its agent is refused from then on.</summary>
    public Task RemoveHostAsync(string host, CancellationToken cancellationToken) =>
        _exchange.DeleteAsync($"{Routes.Hosts}/{Uri.EscapeDataString(host)}", cancellationToken);

    private static string HostPath(string route, string host) =>
        route.Replace("{host}", Uri.EscapeDataString(host), StringComparison.Ordinal);

    private static string CommandPath(string commandId) => $"{Routes.Commands}/{Uri.EscapeDataString(commandId)}";

    private static Query EventPath(string route, EventQuery query) => new Query(route)
        .WithEach("type", query.Types)
        .With("host", query.Host)
        .With("severity", query.Severity)
        .With("after", query.After);

    private async Task<IReadOnlyList<T>> AllAsync<T>(
        Func<string?, Query> path, JsonTypeInfo<Page<T>> type, CancellationToken cancellationToken)
    {
        var items = new List<T>();
        string? after = null;
        for (var pages = 0; pages < MaxPages; pages++)
        {
            var page = await _exchange.GetAsync(path(after).ToString(), type, cancellationToken).ConfigureAwait(false);
            items.AddRange(page.Items);
            after = page.Next;
            if (after is null)
            {
                break;
            }
        }

        return items;
    }
}
