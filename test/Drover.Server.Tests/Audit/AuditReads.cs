using Drover.Core.Audit;
using Drover.Testing.Server;
using Drover.Wire;
using Drover.Wire.People;

namespace Drover.Server.Tests.Audit;

/// <summary>The audit as an admin reads it.</summary>
internal static class AuditReads
{
    public static async Task<IReadOnlyList<AuditEntryDto>> AuditAsync(
        this ServerFixture server, string query = "after=0&limit=1000") =>
        (await ServerFixture.GetAsync(
            server.OnSocket(), $"{Routes.Audit}?{query}", WireJson.Default.PageAuditEntryDto)).Items;

    /// <summary>The same, once what is written without waiting is written: a later write stands behind it.</summary>
    public static async Task<IReadOnlyList<AuditEntryDto>> SettledAuditAsync(this ServerFixture server)
    {
        await server.EnrollmentTokenAsync();
        return [.. (await server.AuditAsync()).SkipLast(1)];
    }

    public static AuditEntry ToEntry(this AuditEntryDto dto) => new(
        dto.Ordinal,
        dto.Time,
        dto.ActorKind,
        dto.Actor,
        dto.Action,
        dto.Target,
        dto.Outcome,
        dto.Detail,
        dto.PreviousHash,
        dto.Hash);
}
