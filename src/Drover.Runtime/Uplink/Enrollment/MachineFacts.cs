using System.Runtime.InteropServices;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Engine;

namespace Drover.Runtime.Uplink.Enrollment;

/// <summary>What the machine says of itself, with or without an engine.</summary>
/// <param name="Hostname">Its own name.</param>
/// <param name="Os">Pretty name of its operating system, or null.</param>
/// <param name="Architecture">In the kernel's words: x86_64, aarch64.</param>
/// <param name="DockerVersion">Null while no engine answers.</param>
public sealed record MachineFacts(string Hostname, string? Os, string Architecture, string? DockerVersion)
{
    private const string OsRelease = "/etc/os-release";
    private static readonly TimeSpan EnginePatience = TimeSpan.FromSeconds(3);

    /// <summary>Asks the engine, where the role has one, for at most a few seconds; a hung one does not hold up
    /// enrollment.</summary>
    public static async Task<MachineFacts> ReadAsync(
        DockerClient? docker, TimeProvider time, CancellationToken cancellationToken)
    {
        var engine = docker is null ? null : await TryReadEngineAsync(docker, time, cancellationToken);
        return new MachineFacts(
            Environment.MachineName,
            engine?.OperatingSystem is { Length: > 0 } os ? os : PrettyName(),
            engine?.Architecture is { Length: > 0 } architecture ? architecture : OwnArchitecture(),
            engine?.ServerVersion);
    }

    private static async Task<EngineFacts?> TryReadEngineAsync(
        DockerClient docker, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(EnginePatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await docker.System.InfoAsync(either.Token);
        }
        catch (DockerException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static string OwnArchitecture() => RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "x86_64",
        System.Runtime.InteropServices.Architecture.Arm64 => "aarch64",
        var other => other.ToString().ToLowerInvariant(),
    };

    private static string? PrettyName()
    {
        try
        {
            const string Key = "PRETTY_NAME=";
            return File.ReadLines(OsRelease).FirstOrDefault(
                line => line.StartsWith(Key, StringComparison.Ordinal))?[Key.Length..].Trim('"');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
