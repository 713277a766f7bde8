using Drover.Runtime.Faults;

namespace Drover.Supervisor.Logs;

/// <summary>The steps of a rotation as the points at which a test kills the supervisor.</summary>
internal static class RotationFaults
{
    internal static void Reach(RotationStep step)
    {
        switch (step)
        {
            case RotationStep.Copied:
                FaultPoint.Reach(FaultPoints.LogCopied);
                break;
            case RotationStep.Named:
                FaultPoint.Reach(FaultPoints.LogNamed);
                break;
            case RotationStep.Recorded:
                FaultPoint.Reach(FaultPoints.LogRecorded);
                break;
            case RotationStep.Marked:
                FaultPoint.Reach(FaultPoints.LogMarked);
                break;
            case RotationStep.Announced:
                FaultPoint.Reach(FaultPoints.LogAnnounced);
                break;
            case RotationStep.Removed:
                FaultPoint.Reach(FaultPoints.LogRemoved);
                break;
        }
    }
}
