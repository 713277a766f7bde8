using System.Text.Json;
using System.Text.Json.Serialization;
using Drover.Core.Audit;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Certificates;
using Drover.Server.Features.Commands;
using Drover.Server.Features.Description;
using Drover.Server.Features.Enrollment;
using Drover.Server.Features.Events;
using Drover.Server.Features.Hosts;
using Drover.Server.Features.Inventory;
using Drover.Server.Features.Legacy;
using Drover.Server.Features.Limits;
using Drover.Server.Features.Logs;
using Drover.Server.Features.Status;
using Drover.Server.Hosting;
using Drover.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Drover.Server;

/// <summary>Puts the features together into one application on Kestrel.</summary>
internal static class ServerApplication
{
    public static WebApplication Build(
        ServerOptions options,
        Database database,
        HostKeyring keyring,
        ServerCertificates certificates,
        ServerStart start,
        ILoggerFactory loggers,
        TimeProvider time)
    {
        // Empty rather than slim: the slim builder also reads appsettings.json and ASPNETCORE_* variables, and takes
        // the process's signals; all of that belongs to the executable and drover.yaml.
        var builder =
            WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = options.DataDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            KestrelLimits.Apply(kestrel.Limits, options.Limits);
            kestrel.Listen(options.EndPoint, listener => Secure(listener, certificates));
            kestrel.ListenUnixSocket(options.EffectiveSocketPath);
        });
        AddServices(builder.Services, options, database, keyring, start, loggers, time);
        builder.Services.AddCertificates(certificates);

        var application = builder.Build();
        application.UseMiddleware<RequestMetering>();
        application.UseMiddleware<ProblemMiddleware>();
        application.UseLimits();
        application.UseMiddleware<AccessGate>();
        Map(application);
        CheckEveryRouteHasARule(application);
        return application;
    }

    /// <summary>
    /// Reads what must be in memory before the first request, and on the first run makes the admin token.
    /// </summary>
    public static async Task<FirstRun?> LoadAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await services.GetRequiredService<EventLog>().LoadAsync(cancellationToken);
        await services.GetRequiredService<CommandNumbers>().LoadAsync(cancellationToken);
        await services.GetRequiredService<LoadHosts>().LoadAsync(cancellationToken);
        await services.GetRequiredService<LegacyHosts>().LoadAsync(cancellationToken);
        var tokens = services.GetRequiredService<ApiTokens>();
        if (await tokens.LoadAsync(cancellationToken))
        {
            return null;
        }

        var (_, secret) = await tokens.CreateAsync(
            "admin", Role.Admin, life: null, AuditActor.System("first run"), cancellationToken);
        return new FirstRun(secret.Reveal());
    }

    /// <summary>Asks for the certificate at each handshake, so that another one needs no restart.</summary>
    private static void Secure(ListenOptions listener, ServerCertificates certificates)
    {
        // Before the handshake, which costs more than the connection.
        listener.LimitConnections();

        // One protocol on every listener: what a stream or a slow client may do is said once.
        listener.Protocols = HttpProtocols.Http1;
        if (certificates.Now is not null)
        {
            listener.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(certificates.Handshake()),
            });
        }
    }

    private static void AddServices(
        IServiceCollection services,
        ServerOptions options,
        Database database,
        HostKeyring keyring,
        ServerStart start,
        ILoggerFactory loggers,
        TimeProvider time)
    {
        services.AddRoutingCore();
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolver = WireJson.Default;
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.Converters.Add(new UtcTimeConverter());
        });
        services.AddSingleton(options);
        services.AddSingleton(database);
        services.AddSingleton(_ => keyring);
        services.AddSingleton(start);
        services.AddSingleton(loggers);
        services.AddSingleton(time);
        services.AddSingleton<ServerStopping>();
        services.AddSingleton<IHostLifetime, NoSignals>();
        services.AddEvents(options);
        services.AddAudit();
        services.AddAccess();
        services.AddEnrollment();
        services.AddHosts();
        services.AddInventory();
        services.AddCommands();
        services.AddLegacy();
        services.AddLimits();
        services.AddLogs();
        services.AddStatus();
    }

    private static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapEvents();
        routes.MapAudit();
        routes.MapAccess();
        routes.MapEnrollment();
        routes.MapHosts();
        routes.MapInventory();
        routes.MapCommands();
        routes.MapLegacy();
        routes.MapLogs();
        routes.MapStatus();
        routes.MapDescription();
        routes.MapCertificates();
    }

    private static void CheckEveryRouteHasARule(IEndpointRouteBuilder routes)
    {
        foreach (var endpoint in routes.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>())
        {
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            {
                if (AccessTable.Find(method, endpoint.RoutePattern.RawText ?? string.Empty) is null)
                {
                    throw new InvalidOperationException(
                        $"{method} {endpoint.RoutePattern.RawText} stands in no line of the access table.");
                }
            }
        }
    }
}
