using System.Globalization;
using Drover.Core.Events;
using Drover.Supervisor.Components;

namespace Drover.Simulation.Machines;

/// <summary>
/// The order in which the events of one component may come, and how often. A kill may take some; it doubles none.
/// </summary>
internal sealed class EventOrder(World world, string component)
{
    private long _started;
    private long _ended;
    private bool _mayBeScheduled;
    private string _last = "";
    private bool _isForgiven;

    /// <summary>Numbers may be used twice from now on.</summary>
    internal void Forgive() => _isForgiven = true;

    /// <summary>From now on numbers are new; what is still to be told of before may be of any.</summary>
    internal void Resume() => (_isForgiven, _started, _ended, _mayBeScheduled, _last) = (false, 0, 0, true, "");

    /// <summary>What was about to be told is lost.</summary>
    internal void OnKilled() => _last = "";

    /// <summary>A power cut may have taken numbers along.</summary>
    internal void OnReboot() => (_started, _ended, _mayBeScheduled, _last) = (0, 0, false, "");

    internal void Take(ComponentEvent happened)
    {
        var text = happened.Type.Name + " "
            + string.Join(' ', happened.Fields.Select(field => $"{field.Name}={field.Value}"));
        world.Note($"{component}: {text}");
        if (_isForgiven)
        {
            return;
        }

        var instance = happened.Fields
            .Where(field => field.Name == "instance")
            .Select(field => long.Parse(field.Value, CultureInfo.InvariantCulture))
            .SingleOrDefault();
        if (happened.Type == EventTypes.ComponentStarted)
        {
            Require(instance > _started && instance > _ended, text);
            _started = instance;
        }
        else if (happened.Type == EventTypes.ComponentExited || happened.Type == EventTypes.ComponentStartFailed)
        {
            Require(instance > _ended, text);
            (_ended, _mayBeScheduled) = (instance, true);
        }
        else if (happened.Type == EventTypes.RestartScheduled || happened.Type == EventTypes.RestartExhausted)
        {
            Require(_mayBeScheduled, text);
            _mayBeScheduled = false;
        }
        else if (happened.Type == EventTypes.ComponentReady || happened.Type == EventTypes.ComponentUnhealthy)
        {
            Require(instance > _ended && text != _last, text);
        }

        _last = text;
    }

    private void Require(bool holds, string text) =>
        world.Require(holds, $"events come once each and in order: {component}: {text} after {_last}");
}
