using System.IO.Pipes;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Drover.Runtime.Probing;

/// <summary>
/// What a command writes: the end of it is kept, all of it is read, so that a command that writes much neither waits
/// for us nor costs memory. Owns both ends of a pipe; the one to write to is closed here once the command has its copy.
/// </summary>
internal sealed class CommandOutput : IDisposable
{
    private const int KeptBytes = 4 * 1024;
    private static readonly TimeSpan Lingering = TimeSpan.FromMilliseconds(200);

    private readonly AnonymousPipeServerStream _pipe = new(PipeDirection.In, HandleInheritability.None);
    private readonly byte[] _kept = new byte[2 * KeptBytes];
    private int _length;
    private Task _reading = Task.CompletedTask;

    public CommandOutput() => WriteEnd = new SafeFileHandle(
        _pipe.ClientSafePipeHandle.DangerousGetHandle(), ownsHandle: false);

    /// <summary>Where the command writes.</summary>
    public SafeFileHandle WriteEnd { get; }

    /// <summary>Begins to read. To be called after the launch.</summary>
    public void Begin()
    {
        _pipe.DisposeLocalCopyOfClientHandle();
        _reading = ReadAsync();
    }

    /// <summary>The end of what it wrote, fit for a sentence. To be called after its end.</summary>
    public async Task<string> LastWordsAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            // All that was written is there already; only somebody who escaped could keep the other end open.
            await _reading.WaitAsync(Lingering, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What was read is what there is.
        }

        return ForeignText.LastWords(Encoding.UTF8.GetString(_kept.AsSpan(0, Volatile.Read(ref _length))));
    }

    public void Dispose()
    {
        WriteEnd.Dispose();
        _pipe.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _pipe.ReadAsync(_kept.AsMemory(_length)) is > 0 and var read)
            {
                var length = _length + read;
                if (length > KeptBytes)
                {
                    _kept.AsSpan(length - KeptBytes, KeptBytes).CopyTo(_kept);
                    length = KeptBytes;
                }

                Volatile.Write(ref _length, length);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException
            or ObjectDisposedException)
        {
            // Disposed while somebody still held the other end.
        }
    }
}
