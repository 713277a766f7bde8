using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Drover.Runtime.Processes.Native;
using Microsoft.Win32.SafeHandles;

namespace Drover.Runtime.Processes;

/// <summary>
/// The one place that waits for processes, children and others, by their descriptors: one thread, woken by the kernel
/// at the moment one ends, without timers. It reaps a child by its number and never "any child", so that other code in
/// this process keeps its own. What it calls must be short; those who wait for the result go on elsewhere.
/// </summary>
public sealed class ProcessWaiter : IDisposable
{
    private const ulong BellKey = 0;

    private readonly SafeFileHandle _epoll;
    private readonly SafeFileHandle _bell;
    private readonly ConcurrentDictionary<ulong, Watch> _watches = new();
    private readonly ConcurrentQueue<TaskCompletionSource> _questions = new();
    private readonly Thread _thread;
    private OrphanReaper? _reaper;
    private ulong _lastKey = BellKey;
    private volatile bool _isEnding;

    /// <param name="time">For how long is waited by those who wait with a limit.</param>
    /// <exception cref="PlatformNotSupportedException">This kernel has no process descriptors.</exception>
    public ProcessWaiter(TimeProvider time)
    {
        Time = time;
        using var self = PidHandle.TryOpen(Environment.ProcessId, out var error)
            ?? throw new PlatformNotSupportedException(
                "cannot supervise processes: there are no process descriptors here ("
                + $"{LaunchDiagnosis.SystemText(error)}); Linux 5.3 or newer has them, unless a sandbox forbids them");
        NativeSignals.StopIgnoringChildren();
        _epoll = Own(NativeEpoll.Create());
        _bell = Own(NativeEpoll.CreateBell());
        Throw(NativeEpoll.Watch(_epoll, _bell, BellKey));
        _thread = new Thread(Run) { Name = "drover waiter", IsBackground = true };
        _thread.Start();
    }

    /// <summary>True when orphans among the descendants come to this process.</summary>
    public bool IsReaper => _reaper is not null;

    internal TimeProvider Time { get; }

    /// <summary>Children that were launched here and are not reaped yet.</summary>
    internal ChildTable Children { get; } = new();

    /// <summary>
    /// From now on, and for the life of this process, orphans among its descendants become its children and are reaped
    /// when they end: as process 1 by nature, else as a subreaper. Call it before the first launch, once, and only in a
    /// process all of whose children are launched here. False where the system refuses.
    /// </summary>
    public bool BecomeReaper()
    {
        _reaper ??= OrphanReaper.Start(Children);
        return IsReaper;
    }

    /// <summary>Returns when the thread has come round: nothing that it called holds it.</summary>
    public Task PingAsync(CancellationToken cancellationToken)
    {
        var question = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _questions.Enqueue(question);
        NativeEpoll.Ring(_bell);
        return question.Task.WaitAsync(cancellationToken);
    }

    /// <summary>The thread ends. Processes go on, and those that are children become zombies when they end.</summary>
    public void Dispose()
    {
        if (_isEnding)
        {
            return;
        }

        _isEnding = true;
        NativeEpoll.Ring(_bell);
        _thread.Join();
        foreach (var key in _watches.Keys)
        {
            Forget(key);
        }

        _epoll.Dispose();
        _bell.Dispose();
    }

    /// <summary>
    /// Calls once, on the waiter's thread, when the process has ended. The descriptor stays open until then, or until
    /// the key is forgotten.
    /// </summary>
    internal ulong WhenEnded(PidHandle handle, Action ended)
    {
        var key = Interlocked.Increment(ref _lastKey);
        var held = false;
        handle.DangerousAddRef(ref held);
        _watches[key] = new Watch(handle, ended);
        if (NativeEpoll.Watch(_epoll, handle, key) is var error and not 0)
        {
            Forget(key);
            Throw(error);
        }

        return key;
    }

    internal void Forget(ulong key)
    {
        if (_watches.TryRemove(key, out var watch))
        {
            NativeEpoll.Forget(_epoll, watch.Handle);
            watch.Handle.DangerousRelease();
        }
    }

    private static SafeFileHandle Own(int descriptor)
    {
        Throw(descriptor < 0 ? Marshal.GetLastPInvokeError() : 0);
        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static void Throw(int error)
    {
        if (error != 0)
        {
            throw new IOException($"cannot wait for processes: {LaunchDiagnosis.SystemText(error)}");
        }
    }

    private void Run()
    {
        Span<ulong> keys = stackalloc ulong[NativeEpoll.MostEvents];
        while (!_isEnding)
        {
            var count = NativeEpoll.Wait(_epoll, keys);
            for (var index = 0; index < count; index++)
            {
                if (keys[index] == BellKey)
                {
                    Answer();
                }
                else if (_watches.TryRemove(keys[index], out var watch))
                {
                    NativeEpoll.Forget(_epoll, watch.Handle);
                    watch.Ended();
                    watch.Handle.DangerousRelease();
                }
            }
        }
    }

    /// <summary>Silent first: a question that comes meanwhile rings again.</summary>
    private void Answer()
    {
        NativeEpoll.Silence(_bell);
        while (_questions.TryDequeue(out var question))
        {
            question.TrySetResult();
        }
    }

    private readonly record struct Watch(PidHandle Handle, Action Ended);
}
