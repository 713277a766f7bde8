using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Drover.HostAgent.Commands;
using Drover.Runtime.Events;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Tests.Commands;

/// <summary>A server that does what the test says and remembers what it was told.</summary>
internal sealed class ScriptedServer : ICommandServer
{
    private readonly List<WaitResponse> _answers = [];
    private readonly Pulse _more = new();
    private int _commands;

    public string DeploymentHash => "hash-1";

    public ConcurrentQueue<ReportRequest> Reports { get; } = new();

    public ConcurrentQueue<RenewRequest> Renewals { get; } = new();

    public ConcurrentQueue<AppStatusRequest> Statuses { get; } = new();

    public ConcurrentDictionary<string, Upload> Uploads { get; } = new();

    /// <summary>Commands whose lease is lost.</summary>
    public ConcurrentQueue<string> Lost { get; } = new();

    /// <summary>What a report meets; null: it is taken.</summary>
    public Func<ReportRequest, ServerCallException?>? Refusal { get; set; }

    /// <summary>Reports that met a refusal.</summary>
    public int Refused { get; private set; }

    /// <summary>What a renewal meets; null: it is taken.</summary>
    public Func<ServerCallException?>? RenewalRefusal { get; set; }

    public int Waits { get; private set; }

    /// <summary>What the newest wait may bring.</summary>
    public string? Scope { get; private set; }

    public static ServerCallException Away => new(ServerFailure.Unreachable, "cannot report: connection refused");

    public CommandDto Deliver(string type, string parameters = "{}", int timeoutSeconds = 300, string? commandId = null)
    {
        var id =
            commandId ?? string.Create(CultureInfo.InvariantCulture, $"cmd_{Interlocked.Increment(ref _commands)}");
        var command = new CommandDto(
            id,
            id,
            DeploymentHash,
            type,
            CommandStates.Leased,
            "normal",
            JsonDocument.Parse(parameters).RootElement,
            null,
            null,
            "alice",
            DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, timeoutSeconds, null);
        Deliver(command);
        return command;
    }

    public void Deliver(CommandDto command) =>
        Answer(new WaitResponse("Command available", command, new WaitMeta(0, 60, null)));

    public void Watch(StreamRequestDto stream) =>
        Answer(new WaitResponse("No command available", null, new WaitMeta(0, 60, [stream])));

    public async Task<WaitResponse> WaitAsync(TimeSpan timeout, string scope, CancellationToken cancellationToken)
    {
        Waits++;
        Scope = scope;
        while (true)
        {
            var more = _more.Next;
            lock (_answers)
            {
                if (_answers.Find(answer => Fits(answer, scope)) is { } found)
                {
                    _answers.Remove(found);
                    return found;
                }
            }

            await more.WaitAsync(cancellationToken);
        }
    }

    private static bool Fits(WaitResponse answer, string scope) => answer.Item is not { } command
        || scope is WaitScopes.All
        || (scope is WaitScopes.Looks && !CommandTypes.ChangesHost(command.Type));

    private void Answer(WaitResponse answer)
    {
        lock (_answers)
        {
            _answers.Add(answer);
        }

        _more.Beat();
    }

    public Task<ReportResponse> ReportAsync(ReportRequest report, CancellationToken cancellationToken)
    {
        if (Refusal?.Invoke(report) is { } refusal)
        {
            Refused++;
            throw refusal;
        }

        Reports.Enqueue(report);
        return Task.FromResult(new ReportResponse("Result accepted", new ReportAccepted(true, "completed")));
    }

    public Task<RenewResponse> RenewAsync(RenewRequest renewal, CancellationToken cancellationToken)
    {
        if (RenewalRefusal?.Invoke() is { } refusal)
        {
            throw refusal;
        }

        Renewals.Enqueue(renewal);
        return Task.FromResult(new RenewResponse([.. Lost]));
    }

    public Task AppStatusAsync(AppStatusRequest status, CancellationToken cancellationToken)
    {
        Statuses.Enqueue(status);
        throw new ServerCallException(ServerFailure.Rejected, "cannot tell the status: the server answered 404", 404);
    }

    public async Task UploadStreamAsync(string id, HttpContent content, CancellationToken cancellationToken)
    {
        var upload = Uploads.GetOrAdd(id, _ => new Upload());
        await content.CopyToAsync(upload, null, cancellationToken);
        upload.Ended = true;
    }

    /// <summary>The server's end of an upload; its lines as they came.</summary>
    public sealed class Upload : MemoryStream
    {
        private readonly Lock _gate = new();

        /// <summary>The agent has finished.</summary>
        public bool Ended { get; set; }

        /// <summary>The server closes: the next write fails.</summary>
        public bool Closed { get; set; }

        public IReadOnlyList<FollowLineDto> Lines
        {
            get
            {
                lock (_gate)
                {
                    return
                    [
                        .. System.Text.Encoding.UTF8.GetString(ToArray()).Split('\n')[..^1]
                            .Select(line => JsonSerializer.Deserialize(line, WireJson.Default.FollowLineDto)!),
                    ];
                }
            }
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            lock (_gate)
            {
                if (Closed)
                {
                    throw new IOException("the server has closed");
                }

                Write(buffer.Span);
            }

            return ValueTask.CompletedTask;
        }
    }
}
