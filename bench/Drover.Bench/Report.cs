using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Drover.Bench;

/// <summary>Keeps a run's figures as data, with the machine, the date and the commit they belong to.</summary>
internal static class Report
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    public static async Task<string> WriteAsync(string folder, IReadOnlyList<Figure> figures)
    {
        Directory.CreateDirectory(folder);
        var now = TimeProvider.System.GetUtcNow();
        var commit = await OutputAsync("git", "rev-parse", "--short", "HEAD");
        var file =
            Path.Combine(folder, $"{now.ToString("yyyy-MM-dd'T'HHmm'Z'", CultureInfo.InvariantCulture)}-{commit}.json");

        await using var stream = File.Create(file);
        await using var json = new Utf8JsonWriter(stream, Indented);
        json.WriteStartObject();
        json.WriteString("date", now.ToString("O", CultureInfo.InvariantCulture));
        json.WriteString("commit", commit);
        WriteMachine(json);
        json.WriteStartArray("figures");
        foreach (var figure in figures)
        {
            Write(json, figure);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        return file;
    }

    private static void WriteMachine(Utf8JsonWriter json)
    {
        json.WriteStartObject("machine");
        json.WriteNumber("cores", Environment.ProcessorCount);
        json.WriteNumber("memory_mb", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1_000_000);
        json.WriteString("os", RuntimeInformation.OSDescription);
        json.WriteString("runtime", RuntimeInformation.FrameworkDescription);
        var cpu = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        json.WriteString("cpu", cpu?.Split(':', 2)[1].Trim());
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Figure figure)
    {
        json.WriteStartObject();
        json.WriteString("name", figure.Name);
        json.WriteString("unit", figure.Unit);
        json.WriteString("statistic", figure.Statistic);
        json.WriteNumber("value", Math.Round(figure.Value, 4));
        if (figure.Budget is { } budget)
        {
            json.WriteNumber(figure.IsFloor ? "at_least" : "budget", Math.Round(budget, 4));
            json.WriteBoolean("met", figure.Met);
        }

        json.WriteNumber("median", Math.Round(figure.Median, 4));
        json.WriteNumber("min", Math.Round(figure.Min, 4));
        json.WriteNumber("max", Math.Round(figure.Max, 4));
        json.WriteNumber("samples", figure.Samples.Count);
        if (figure.Peers.Count > 0)
        {
            json.WriteStartArray("peers");
            foreach (var peer in figure.Peers)
            {
                json.WriteStartObject();
                json.WriteString("name", peer.Name);
                json.WriteNumber("value", Math.Round(peer.Value, 4));
                if (figure.RatioTo(peer) is { } ratio)
                {
                    json.WriteNumber("ratio", Math.Round(ratio, 4));
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static async Task<string> OutputAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Trim();
    }
}
