using System.Text.Json.Serialization;

namespace Drover.Wire.Legacy;

/// <summary>How the older protocol is written: snake_case, and what is empty is there as null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(LegacyWaitResponse))]
[JsonSerializable(typeof(LegacyReportRequest))]
[JsonSerializable(typeof(LegacyAppStatusRequest))]
[JsonSerializable(typeof(LegacyMessage))]
[JsonSerializable(typeof(LegacyRegisterRequest))]
[JsonSerializable(typeof(LegacyRegisterResponse))]
[JsonSerializable(typeof(LegacyMarketplaceRequest))]
[JsonSerializable(typeof(LegacyMarketplaceResponse))]
public sealed partial class LegacyJson : JsonSerializerContext;
