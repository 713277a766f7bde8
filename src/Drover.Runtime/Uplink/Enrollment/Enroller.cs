using Drover.Core.Trust;
using Drover.Runtime.Docker;
using Drover.Runtime.Faults;
using Drover.Runtime.Scheduling;
using Drover.Runtime.Tls;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire.Agents;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Uplink.Enrollment;

/// <summary>
/// Turns a one-time token into credentials on disk. The key is made and written before it is sent, so an answer that
/// is lost, or a power cut at any moment, costs nothing: the same token and the same key ask again and get the same
/// host.
/// </summary>
public sealed partial class Enroller(
    UplinkSpec spec, CredentialsStore store, DockerClient? docker, TimeProvider time, Random random,
    ILogger<Enroller> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    /// <summary>The credentials of this role: those on disk, or new ones by the token.</summary>
    /// <exception cref="EnrollmentException">There are none and there cannot be any; the sentence says
    /// why.</exception>
    public async Task<AgentCredentials> EnsureAsync(CancellationToken cancellationToken)
    {
        var known = store.Read();
        if (known?.State == AgentCredentials.Enrolled)
        {
            return known;
        }

        if (spec.Token is null)
        {
            throw new EnrollmentException(known is null
                ? $"cannot {spec.Purpose}: there are neither credentials at \"{store.Path}\" nor an enrollment "
                    + "token; get a token with: drover token create"
                : $"cannot {spec.Purpose}: enrollment was begun and not finished (\"{store.Path}\" is pending), "
                    + "and there is no token; give the same token again, or a new one from: drover token create");
        }

        var server = spec.Server ?? (known is null ? null : new Uri(known.Server))
            ?? throw new EnrollmentException(
                $"cannot enroll: the server's address is missing; give it as {spec.ServerKey}");
        return await EnrollAsync(WritePending(known, server), spec.Token, cancellationToken);
    }

    private AgentCredentials WritePending(AgentCredentials? known, Uri server)
    {
        // A key that was meant for one server is never shown to another.
        var address = server.GetLeftPart(UriPartial.Authority);
        var keepsKey = known is not null && known.Server == address;
        var pending = new AgentCredentials(
            CredentialsStore.Version, AgentCredentials.Pending, address, HostId: null, DeploymentHash: null,
            keepsKey ? known!.Key : AgentKey.Create().Reveal(),
            (spec.Pin ?? PinOf(keepsKey ? known!.ServerPin : null))?.ToString(),
            spec.Kind, EnrolledAt: null);
        store.Write(pending);
        FaultPoint.Reach(FaultPoints.EnrollKeyWritten);
        return pending;
    }

    private async Task<AgentCredentials> EnrollAsync(
        AgentCredentials pending, SecretToken token, CancellationToken cancellationToken)
    {
        var facts = await MachineFacts.ReadAsync(docker, time, cancellationToken);
        var request = new EnrollRequest(
            token.Reveal(), spec.Name ?? facts.Hostname, facts.Hostname, facts.Os, facts.Architecture,
            facts.DockerVersion,
            pending.Key, pending.Kind, spec.Version);
        var trust = PinOf(pending.ServerPin) is { } pin ? new ServerTrust(pin) : new ServerTrust();
        using var client = new EnrollmentClient(
            ServerConnection.Create(new Uri(pending.Server), trust, time), time);
        var answer = await AskUntilAnsweredAsync(client, request, pending.Server, cancellationToken);

        var enrolled = pending with
        {
            State = AgentCredentials.Enrolled,
            HostId = answer.HostId,
            DeploymentHash = answer.DeploymentHash,
            EnrolledAt = time.GetUtcNow(),
        };
        FaultPoint.Reach(FaultPoints.EnrollAnswered);
        store.Write(enrolled);
        FaultPoint.Reach(FaultPoints.EnrollCredentialsWritten);
        LogEnrolled(pending.Server, answer.HostId);
        return enrolled;
    }

    private async Task<EnrollResponse> AskUntilAnsweredAsync(
        EnrollmentClient client, EnrollRequest request, string server, CancellationToken cancellationToken)
    {
        var pacer = new RetryPacer(FirstPause, LongestPause, random);
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await client.EnrollAsync(request, cancellationToken);
            }
            catch (ServerCallException error) when (error.IsDistrust)
            {
                // The token stays good: nothing was sent.
                throw new EnrollmentException(error.Message, error);
            }
            catch (ServerCallException error) when (error.Failure == ServerFailure.Unreachable)
            {
                var pause = pacer.Next(error.RetryAfter);
                if (spec.GiveUpAfter is { } limit && time.GetElapsedTime(began) + pause > limit)
                {
                    throw new EnrollmentException(
                        $"cannot enroll at \"{server}\": it did not answer within "
                            + $"{limit.TotalSeconds:0} s ({error.Message}); "
                            + "nothing is lost, run the same command again",
                        error);
                }

                LogRetry(server, error.Message, pause);
                await Task.Delay(pause, time, cancellationToken);
            }
            catch (ServerCallException error) when (error.Failure == ServerFailure.Refused)
            {
                throw new EnrollmentException(
                    $"cannot enroll at \"{server}\": the server refused the token (it is wrong, expired or used); get "
                        + "a new one with: drover token create",
                    error)
                {
                    IsRefused = true,
                };
            }
            catch (ServerCallException error)
            {
                throw new EnrollmentException(
                    $"cannot enroll at \"{server}\": {error.Message}; check that it is a Drover server of this version",
                    error);
            }
        }
    }

    private static ServerPin? PinOf(string? text) => ServerPin.TryParse(text, out var pin) ? pin : null;

    [LoggerMessage(3501, LogLevel.Information, "enrolled at {Server} as {HostId}")]
    private partial void LogEnrolled(string server, string hostId);

    [LoggerMessage(3502, LogLevel.Warning, "cannot enroll at {Server} yet ({Reason}); next try in {Pause}")]
    private partial void LogRetry(string server, string reason, TimeSpan pause);
}
