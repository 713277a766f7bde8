using Drover.Runtime.Processes.Shim;
using Microsoft.Win32.SafeHandles;

namespace Drover.Runtime.Tests.Processes;

/// <summary>An open descriptor that would reach every child, as those do that a shell passes on.</summary>
internal sealed class InheritableDescriptor : IDisposable
{
    // fcntl(2), F_DUPFD: the copy is not closed on exec.
    private const int Duplicate = 0;
    private const int Lowest = 30;

    private readonly SafeFileHandle _copy;

    internal InheritableDescriptor()
    {
        using var original = File.OpenHandle("/dev/null");
        _copy = new SafeFileHandle(NativeShim.Control(original, Duplicate, Lowest), ownsHandle: true);
    }

    internal int Number => (int)_copy.DangerousGetHandle();

    public void Dispose() => _copy.Dispose();
}
