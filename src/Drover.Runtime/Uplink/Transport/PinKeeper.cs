using Drover.Core.Trust;
using Drover.Runtime.Tls;
using Drover.Runtime.Uplink.Enrollment;
using Drover.Wire.Agents;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Uplink.Transport;

/// <summary>
/// Keeps up with the server's certificate: stores the pin of the next one when the server announces it, and drops the
/// old one once the server was recognised by the new and answered a heartbeat. The pin of the command line or of
/// drover.yaml is trusted besides; it is how a role is told of a key that nobody announced. Used by the heartbeat loop.
/// </summary>
internal sealed partial class PinKeeper
{
    private const int MostPins = 4;

    private readonly HeldCredentials _credentials;
    private readonly AgentIdentity _identity;
    private readonly ServerPin? _given;
    private readonly ILogger<PinKeeper> _logger;
    private ServerPin? _recognised;

    /// <param name="credentials">Where pins are kept.</param>
    /// <param name="identity">Whose key announcements are made under, and the address in use.</param>
    /// <param name="given">The pin of the command line or of drover.yaml.</param>
    /// <param name="logger">For the person at the terminal.</param>
    internal PinKeeper(
        HeldCredentials credentials, AgentIdentity identity, ServerPin? given, ILogger<PinKeeper> logger)
    {
        _credentials = credentials;
        _identity = identity;
        _given = given;
        _logger = logger;
        Trust = new ServerTrust(Pins()) { Recognised = pin => Volatile.Write(ref _recognised, pin) };
    }

    /// <summary>What handshakes are judged by.</summary>
    internal ServerTrust Trust { get; }

    /// <summary>The announced pin that is stored here, for the heartbeat; null when none is.</summary>
    internal string? NextPin => _credentials.Now.NextPins is [var next, ..] ? next : null;

    /// <summary>Takes in what an answered heartbeat shows.</summary>
    /// <param name="sent">The heartbeat, whose numbers the announcement is bound to.</param>
    /// <param name="answer">Its answer.</param>
    internal void Learn(HeartbeatRequest sent, HeartbeatResponse answer)
    {
        KeepWhatWorked();
        if (answer.NextPins is not { } announced)
        {
            return;
        }

        if (!PinAnnouncement.Verify(
            _identity.Key, _identity.HostId, sent.Run, sent.Seq, announced, answer.PinsMac)
            || announced.Count > MostPins || !announced.All(text => ServerPin.TryParse(text, out _)))
        {
            LogForged();
            return;
        }

        if (_credentials.Now.ServerPin is null)
        {
            // The machine's authorities vouch for this server: a pin would only stand in their way.
            return;
        }

        if (_credentials.TryChange(now => now with { NextPins = announced.Count > 0 ? announced : null }))
        {
            Trust.Accept(Pins());
            LogAnnounced(string.Join(", ", announced));
        }
    }

    /// <summary>The address and the key by which the server answered are those of the next start.</summary>
    private void KeepWhatWorked()
    {
        var server = _identity.Server.GetLeftPart(UriPartial.Authority);
        var pin = Volatile.Read(ref _recognised)?.ToString();
        var now = _credentials.Now;
        var isNew = pin is not null && pin != now.ServerPin;
        if (!isNew && server == now.Server)
        {
            return;
        }

        var kept = _credentials.TryChange(before => before with
        {
            Server = server,
            ServerPin = pin ?? before.ServerPin,
            NextPins = isNew ? null : before.NextPins,
        });
        if (kept && isNew)
        {
            Trust.Accept(Pins());
            LogFollowed(pin!);
        }
    }

    private List<ServerPin> Pins()
    {
        var now = _credentials.Now;
        var pins = new List<ServerPin>();
        if (_given is not null)
        {
            pins.Add(_given);
        }

        foreach (var text in (now.NextPins ?? []).Prepend(now.ServerPin ?? ""))
        {
            if (ServerPin.TryParse(text, out var pin) && !pins.Contains(pin!))
            {
                pins.Add(pin!);
            }
        }

        return pins;
    }

    [LoggerMessage(3511, LogLevel.Information, "the server announced its next certificate: {Pins}")]
    private partial void LogAnnounced(string pins);

    [LoggerMessage(3512, LogLevel.Information, "the server has a new certificate: {Pin}")]
    private partial void LogFollowed(string pin);

    [LoggerMessage(3513, LogLevel.Warning, "a certificate was announced by somebody who is not the server; ignored")]
    private partial void LogForged();
}
