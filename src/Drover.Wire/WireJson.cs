using System.Text.Json;
using System.Text.Json.Serialization;
using Drover.Wire.Agents;
using Drover.Wire.Commands;
using Drover.Wire.Gateway;
using Drover.Wire.Inventory;
using Drover.Wire.People;

namespace Drover.Wire;

/// <summary>How everything on the wire is written: snake_case, nulls left out, times in UTC, no reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(EnrollRequest))]
[JsonSerializable(typeof(EnrollResponse))]
[JsonSerializable(typeof(HeartbeatRequest))]
[JsonSerializable(typeof(HeartbeatResponse))]
[JsonSerializable(typeof(AgentEventsRequest))]
[JsonSerializable(typeof(AgentEventsResponse))]
[JsonSerializable(typeof(NewKeyRequest))]
[JsonSerializable(typeof(NewKeyResponse))]
[JsonSerializable(typeof(AgentCredentials))]
[JsonSerializable(typeof(InventoryRequest))]
[JsonSerializable(typeof(InventoryResponse))]
[JsonSerializable(typeof(HostFactsDto))]
[JsonSerializable(typeof(ContainerDto))]
[JsonSerializable(typeof(IReadOnlyList<ContainerDto>))]
[JsonSerializable(typeof(WaitResponse))]
[JsonSerializable(typeof(ReportRequest))]
[JsonSerializable(typeof(ReportResponse))]
[JsonSerializable(typeof(RenewRequest))]
[JsonSerializable(typeof(RenewResponse))]
[JsonSerializable(typeof(AppStatusRequest))]
[JsonSerializable(typeof(CommandParameters))]
[JsonSerializable(typeof(HealthResult))]
[JsonSerializable(typeof(LogsResult))]
[JsonSerializable(typeof(ActionResult))]
[JsonSerializable(typeof(ListResult))]
[JsonSerializable(typeof(FollowLineDto))]
[JsonSerializable(typeof(CommandDto))]
[JsonSerializable(typeof(IReadOnlyList<CommandErrorDto>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(Page<HostDto>))]
[JsonSerializable(typeof(Page<HostContainerDto>))]
[JsonSerializable(typeof(Page<CommandDto>))]
[JsonSerializable(typeof(Page<EventDto>))]
[JsonSerializable(typeof(Page<TokenDto>))]
[JsonSerializable(typeof(Page<AuditEntryDto>))]
[JsonSerializable(typeof(OrderRequest))]
[JsonSerializable(typeof(CreateTokenRequest))]
[JsonSerializable(typeof(CreateEnrollmentTokenRequest))]
[JsonSerializable(typeof(CreatedTokenDto))]
[JsonSerializable(typeof(SetLegacyRequest))]
[JsonSerializable(typeof(HostDto))]
[JsonSerializable(typeof(WhoAmIDto))]
[JsonSerializable(typeof(CertificateDto))]
[JsonSerializable(typeof(RotateCertificateRequest))]
[JsonSerializable(typeof(Page<GatewayAgentDto>))]
[JsonSerializable(typeof(GatewayAgentDetailDto))]
[JsonSerializable(typeof(Page<GatewayRouteDto>))]
[JsonSerializable(typeof(Page<GatewayConnectionsDto>))]
[JsonSerializable(typeof(GatewayHealthDto))]
[JsonSerializable(typeof(Page<GatewayWebhookDto>))]
[JsonSerializable(typeof(Page<GatewayDeadLetterDto>))]
[JsonSerializable(typeof(GatewayResendDto))]
[JsonSerializable(typeof(RegisterServiceRequest))]
[JsonSerializable(typeof(ServiceDto))]
[JsonSerializable(typeof(Page<ServiceDto>))]
[JsonSerializable(typeof(ProblemDto))]
[JsonSerializable(typeof(AgentStatusDto))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class WireJson : JsonSerializerContext;
