using System.Text.Json;
using Drover.Runtime.Storage;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.Server.Features.Commands;

/// <summary>The only code that touches the table <c>app_statuses</c>: the last word of each app.</summary>
internal static class AppStatusStore
{
    public static void Save(DbSession session, string hostId, AppStatusRequest status) => session.Execute(
        """
        INSERT INTO app_statuses (host_id, app_code, status, logs, at) VALUES (@host, @app, @status, @logs, @at)
        ON CONFLICT (host_id, app_code) DO UPDATE SET status = excluded.status, logs = excluded.logs, at = excluded.at
        """,
        ("@host", hostId),
        ("@app", status.AppCode),
        ("@status", status.Status),
        ("@logs", JsonSerializer.Serialize(status.Logs, WireJson.Default.IReadOnlyListString)),
        ("@at", status.Timestamp.ToUnixTimeMilliseconds()));
}
