using System.Text;
using Drover.Core.Redaction;

namespace Drover.Supervisor.Components;

/// <summary>What a component wrote, straight from its live file.</summary>
internal sealed class FileOutput(string path) : IComponentOutput
{
    private const int MaxBytes = 32 << 10;

    public long Position
    {
        get
        {
            var file = new FileInfo(path);
            return file.Exists ? file.Length : 0;
        }
    }

    public IReadOnlyList<string> LinesBefore(long position, int count)
    {
        try
        {
            using var file = File.OpenHandle(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var from = Math.Max(0, position - MaxBytes);
            var buffer = new byte[(int)Math.Min(position - from, MaxBytes)];
            var read = RandomAccess.Read(file, buffer, from);
            var redactor = new LogRedactor();
            return
            [
                .. Encoding.UTF8.GetString(buffer, 0, read)
                    .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(line => redactor.Redact(line).Text)
                    .TakeLast(count),
            ];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
