using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Supervisor.Documents;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Simulation.Machines;

/// <summary>
/// Some time of a machine and its supervisor under everything that befalls them: crashes of both, orders, changes of
/// the file, a full disk, jumps of the clock. At the end all is stopped in order and everything is accounted for.
/// </summary>
internal sealed class MachineDay
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(8);

    private readonly World _world;
    private readonly SimulatedMachine _machine;
    private readonly Ledger _ledger;
    private SupervisorDocument _file;
    private int _extras;
    private bool _isReloading;

    internal MachineDay(int seed, Sabotage sabotage, bool keepsAllLines = false)
    {
        _world = new World(seed) { LinesKept = keepsAllLines ? int.MaxValue : 80 };
        _machine = new SimulatedMachine(_world, sabotage);
        _ledger = new Ledger(_world, _machine);
        _world.Settle = () => _machine.Life?.Settle();
        _file = new SupervisorDocument([.. Components()]);
    }

    internal int Launches => _ledger.Launches;

    internal int Recycled => _machine.Kernel.Recycled;

    internal int Kills { get; private set; }

    internal int Resumed => _ledger.Resumed;

    internal void Run()
    {
        Begin();
        KeepUp();
        Look();
        Disturb();
        _world.RunUntil(Length);
        _machine.Life?.Spare();
        _machine.Disk.IsFull = false;
        _world.RunUntil(Length + TimeSpan.FromMinutes(3));
        End();

        // What a full disk refused to keep of the history is told again by the next, and so is the end of what no kill
        // reached. The last one leaves nothing behind.
        _machine.Kernel.IsCalm = true;
        _world.RunUntil(_world.Now + TimeSpan.FromMinutes(1));
        Begin();
        _world.RunUntil(_world.Now + TimeSpan.FromMinutes(1));
        End();
        using var history = HistoryStore.Open(
            "history", _machine.Disk.For(null), NullLogger.Instance, TimeProvider.System);
        _ledger.CheckHistory(history.Newest(component: null, int.MaxValue));
    }

    private void End()
    {
        _world.Require(_machine.Life is { IsUp: true }, "a supervisor that is started comes up");
        _machine.Life!.Shutdown();
        _world.RunUntil(_world.Now + TimeSpan.FromMinutes(15));
        _world.Require(_machine is { Life: null, Run.Clean: true }, "a supervisor that is told to end ends");
    }

    private bool IsOpen => _world.Now < Length;

    private void Begin()
    {
        new SupervisorLife(_world, _machine, _ledger, _file).Start();
        _isReloading = false;
    }

    /// <summary>Whoever runs the supervisor starts it again after a while.</summary>
    private void KeepUp() => _world.After(_world.UpTo(30), () =>
    {
        if (_machine.Life is null)
        {
            Begin();
        }

        if (_world.Now < Length + TimeSpan.FromMinutes(2))
        {
            KeepUp();
        }
    });

    private void Look() => _world.After(_world.UpTo(12), () =>
    {
        _machine.Life?.CheckStatus();
        Look();
    });

    private void Disturb() => _world.After(_world.UpTo(_world.Pick(2, 20, 60)), () =>
    {
        if (!IsOpen)
        {
            return;
        }

        var component = _world.Pick([.. _file.Components.Select(one => one.Name)]);
        switch (_world.Chance.Next(16))
        {
            case 0 or 1 or 2:
                Kills++;
                _machine.Life?.Doom(1 + _world.Chance.Next(40));
                break;
            case 3:
                Kills++;
                _machine.Life?.Kill();
                break;
            case 4 or 5:
                _machine.Life?.Stop(component);
                break;
            case 6 or 7:
                _machine.Life?.StartComponent(_world.Happens(0.7) ? component : null);
                break;
            case 8 or 9:
                _machine.Life?.Restart(_world.Happens(0.8) ? component : null);
                break;
            case 10 or 11:
                Reload();
                break;
            case 12:
                _machine.JumpWallClock();
                break;
            case 13 when _machine.FillsUp:
                _machine.Disk.IsFull = true;
                _world.After(_world.UpTo(60), () => _machine.Disk.IsFull = false);
                break;
            case 14 when _world.Happens(0.5):
                _machine.Life?.Shutdown();
                break;
            case 15 when _world.Happens(0.3):
                _machine.Life?.Kill();
                _ledger.OnReboot();
                _machine.Reboot();
                break;
            default:
                break;
        }

        Disturb();
    });

    private void Reload()
    {
        if (_machine.Life is not { IsUp: true } life || _isReloading)
        {
            return;
        }

        var components = _file.Components.ToList();
        var index = _world.Chance.Next(components.Count);
        switch (_world.Chance.Next(3))
        {
            case 0:
                components.Add(Component($"extra{++_extras}", RestartMode.Always));
                break;
            case 1 when components.FindIndex(IsExtra) is >= 0 and var extra:
                components.RemoveAt(extra);
                break;
            default:
                var changed = Component(components[index].Name, components[index].Spec.Restart.Mode);
                components[index] = components[index] with
                {
                    Spec = components[index].Spec.Ownership is Ownership.Owned ? changed.Spec : components[index].Spec,
                    Startup = changed.Startup,
                    Liveness = changed.Liveness,
                    Readiness = changed.Readiness,
                };
                break;
        }

        var next = new SupervisorDocument(components);
        _isReloading = true;
        if (components.Count > _file.Components.Count)
        {
            // It stays in the file although the supervisor is killed while it reads that.
            _file = next;
        }

        life.Reload(next, () => (_file, _isReloading) = (next, false));
    }

    private static bool IsExtra(ComponentDocument one) => one.Name.StartsWith("extra", StringComparison.Ordinal);

    private IEnumerable<ComponentDocument> Components()
    {
        yield return Component("api", RestartMode.Always);
        yield return Component("web", RestartMode.Always) with
        {
            DependsOn = new Dictionary<string, DependencyCondition>
            {
                ["api"] = _world.Pick(DependencyCondition.Started, DependencyCondition.Ready),
            },
            RestartsWith = new HashSet<string>(_world.Happens(0.3) ? ["api"] : []),
        };
        yield return Component("job", _world.Pick(RestartMode.OnFailure, RestartMode.Never));
        if (_world.Happens(0.5))
        {
            yield return Component("late", RestartMode.OnFailure) with
            {
                DependsOn = new Dictionary<string, DependencyCondition> { ["job"] = DependencyCondition.Completed },
            };
        }

        if (_world.Happens(0.3))
        {
            yield return new ComponentDocument
            {
                Name = "temporal",
                DisplayName = "Temporal",
                Launch = new ExternalAddress("localhost:7233"),
                Readiness = new ProbeTarget.File("/there"),
                Spec = new ComponentSpec
                {
                    Ownership = Ownership.Watched,
                    Health = new HealthSpec(Readiness: new ProbeSpec()),
                },
            };
        }
    }

    private ComponentDocument Component(string name, RestartMode mode)
    {
        var target = new ProbeTarget.File(_world.Pick("/one", "/other"));
        var health = new HealthSpec(
            _world.Happens(0.4)
                ? new ProbeSpec { Period = _world.Pick(Second, 3 * Second), FailureThreshold = _world.Pick(3, 30) }
                : null,
            _world.Happens(0.6)
                ? new ProbeSpec
                {
                    InitialDelay = _world.Pick(TimeSpan.Zero, 7 * Second),
                    Period = _world.Pick(5 * Second, 10 * Second),
                    Timeout = _world.Pick(Second, 8 * Second),
                    FailureThreshold = _world.Pick(1, 3),
                    StopGrace = _world.Happens(0.3) ? 2 * Second : null,
                }
                : null,
            _world.Happens(0.5)
                ? new ProbeSpec { Period = _world.Pick(4 * Second, 10 * Second), SuccessThreshold = _world.Pick(1, 2) }
                : null);
        return new ComponentDocument
        {
            Name = name,
            DisplayName = name,
            Launch = new ProcessLaunch { Command = ["/bin/" + name], WorkingDirectory = "/" },
            Startup = health.Startup is null ? null : target,
            Liveness = health.Liveness is null ? null : target,
            Readiness = health.Readiness is null ? null : target,
            Spec = new ComponentSpec
            {
                Health = health,
                Stop = new StopPolicy("SIGTERM", _world.Pick(Second, 10 * Second)),
                Restart = new RestartPolicy
                {
                    Mode = mode,
                    MinUptime = _world.Pick(Second, 10 * Second, 10 * Second),
                    Limit = _world.Pick(2, 5, 10),
                    Window = _world.Pick(60 * Second, 600 * Second),
                    RetryAfter = _world.Pick(TimeSpan.Zero, 30 * Second, 600 * Second),
                },
            },
        };
    }
}
