using System.Text;

namespace Drover.Runtime.Probing.Rpc;

/// <summary>
/// The messages of Temporal's WorkflowService/DescribeTaskQueue, encoded by hand. Source: temporalio/api,
/// temporal/api/workflowservice/v1/request_response.proto and temporal/api/taskqueue/v1/message.proto.
/// </summary>
internal static class TaskQueueMessages
{
    public const string Method = "/temporal.api.workflowservice.v1.WorkflowService/DescribeTaskQueue";
    private const int MostPollers = 10_000;

    /// <summary>DescribeTaskQueueRequest.</summary>
    public static byte[] Request(string temporalNamespace, string taskQueue, TaskQueueKind kind) =>
        new ProtobufWriter()
            .Text(1, temporalNamespace)
            .Message(2, new ProtobufWriter().Text(1, taskQueue))
            .Number(3, (ulong)kind)
            .ToArray();

    /// <summary>The pollers of a DescribeTaskQueueResponse; null when it cannot be read.</summary>
    public static IReadOnlyList<Poller>? Read(ReadOnlySpan<byte> response)
    {
        var pollers = new List<Poller>();
        var reader = new ProtobufReader(response);
        while (reader.Next())
        {
            if (reader is not { Field: 1, Type: ProtobufType.Bytes })
            {
                continue;
            }

            if (pollers.Count == MostPollers || ReadPoller(reader.Bytes) is not { } poller)
            {
                return null;
            }

            pollers.Add(poller);
        }

        return reader.IsBroken ? null : pollers;
    }

    private static Poller? ReadPoller(ReadOnlySpan<byte> message)
    {
        var poller = new Poller("", DateTimeOffset.UnixEpoch);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, ProtobufType.Bytes) when ReadTimestamp(reader.Bytes) is { } instant:
                    poller = poller with { LastAccess = instant };
                    break;
                case (1, ProtobufType.Bytes):
                    return null;
                case (2, ProtobufType.Bytes):
                    poller = poller with { Identity = Encoding.UTF8.GetString(reader.Bytes) };
                    break;
                default:
                    break;
            }
        }

        return reader.IsBroken ? null : poller;
    }

    /// <summary>google.protobuf.Timestamp; null when it is broken or no date.</summary>
    private static DateTimeOffset? ReadTimestamp(ReadOnlySpan<byte> message)
    {
        var seconds = 0L;
        var nanos = 0L;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field, reader.Type)
            {
                case (1, ProtobufType.Varint):
                    seconds = (long)reader.Number;
                    break;
                case (2, ProtobufType.Varint):
                    nanos = (long)reader.Number;
                    break;
                default:
                    break;
            }
        }

        var isDate = seconds >= DateTimeOffset.MinValue.ToUnixTimeSeconds()
            && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            && nanos is >= 0 and < 1_000_000_000;
        return reader.IsBroken || !isDate
            ? null
            : DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanos / TimeSpan.NanosecondsPerTick);
    }
}

/// <summary>temporal.api.enums.v1.TaskQueueType.</summary>
public enum TaskQueueKind
{
    /// <summary>Workers that run workflows.</summary>
    Workflow = 1,

    /// <summary>Workers that run activities.</summary>
    Activity = 2,
}

/// <summary>PollerInfo: somebody who asked for work lately.</summary>
/// <param name="Identity">As the worker calls itself, <c>pid@host</c> by default.</param>
/// <param name="LastAccess">When it began to ask last, by the server's clock; a question lasts up to a minute.</param>
internal sealed record Poller(string Identity, DateTimeOffset LastAccess);
