using System.Collections.Concurrent;
using System.Security.Cryptography;
using Drover.Server.Features.Hosts;
using Drover.Wire.Commands;

namespace Drover.Server.Features.Logs;

/// <summary>
/// The open follows: handed to their host by its next poll, found again by the one-use id when the upload comes.
/// </summary>
internal sealed class FollowRelay
{
    private const int MostFollows = 256;
    private const int IdBytes = 16;

    private readonly ConcurrentDictionary<string, FollowSession> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, FollowSession> _waiting = new(StringComparer.Ordinal);

    /// <summary>Opens a follow and wakes the host's poll; null when too many are open.</summary>
    public FollowSession? Open(EnrolledHost host, Func<string, StreamRequestDto> describe)
    {
        if (_open.Count >= MostFollows)
        {
            return null;
        }

        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        var session = new FollowSession(describe(id), host.HostId);
        _open[id] = session;
        _waiting[id] = session;
        host.Work.Beat();
        return session;
    }

    /// <summary>What waits for the host, each handed out once.</summary>
    public IReadOnlyList<StreamRequestDto> TakeFor(EnrolledHost host)
    {
        if (_waiting.IsEmpty)
        {
            return [];
        }

        var taken = new List<StreamRequestDto>();
        foreach (var (id, session) in _waiting)
        {
            if (session.HostId == host.HostId && _waiting.TryRemove(id, out _))
            {
                taken.Add(session.Request);
            }
        }

        return taken;
    }

    /// <summary>
    /// The follow of that id for the host's one upload; null when it is over, another host's, or taken.
    /// </summary>
    public FollowSession? Take(string id, EnrolledHost host) =>
        _open.TryGetValue(id, out var session) && session.HostId == host.HostId && session.TryTake() ? session : null;

    /// <summary>The host may send nothing any more: its uploads end, and those who follow are told.</summary>
    public void CutAll(EnrolledHost host)
    {
        foreach (var (id, session) in _open)
        {
            if (session.HostId == host.HostId)
            {
                _waiting.TryRemove(id, out _);
                session.Cut();
            }
        }
    }

    /// <summary>The person left.</summary>
    public void Close(FollowSession session)
    {
        _waiting.TryRemove(session.Request.Id, out _);
        _open.TryRemove(session.Request.Id, out _);
        session.Dispose();
    }
}
