using Drover.Runtime.Docker.Events;
using Drover.Wire.Agents;

namespace Drover.HostAgent.Engine;

/// <summary>What the agent knows of its engine now. One writer (<see cref="EngineRunner"/>), any reader.</summary>
internal sealed class EngineHealth
{
    private volatile EngineState _state = EngineState.Unknown;

    /// <summary>Told whenever the state changes.</summary>
    internal event Action? Changed;

    internal EngineState State
    {
        get => _state;
        set
        {
            if (_state != value)
            {
                _state = value;
                Changed?.Invoke();
            }
        }
    }

    /// <summary>As heartbeats say it; an engine not asked yet counts as down.</summary>
    internal string OnTheWire => _state switch
    {
        EngineState.Up => DockerStates.Up,
        EngineState.Hung => DockerStates.Hung,
        _ => DockerStates.Down,
    };
}
