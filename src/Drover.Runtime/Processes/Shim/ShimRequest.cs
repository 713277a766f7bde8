using System.Text.Json.Serialization;

namespace Drover.Runtime.Processes.Shim;

/// <summary>
/// What the shim is to do, on descriptor 3. It never is an argument: the environment may hold secrets.
/// </summary>
internal sealed record ShimRequest
{
    public required string Executable { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    public required IReadOnlyList<string> Environment { get; init; }

    public required string? Path { get; init; }

    public required string WorkingDirectory { get; init; }

    public required string? User { get; init; }

    public required IReadOnlyList<ShimLimit> Limits { get; init; }
}

/// <summary>One limit with the kernel's number.</summary>
internal sealed record ShimLimit(int Number, ulong Soft, ulong Hard);

/// <summary>Why there is no program, on descriptor 4, which otherwise closes when the program begins.</summary>
internal sealed record ShimFailure(string Why, bool IsLoader);

[JsonSerializable(typeof(ShimRequest))]
[JsonSerializable(typeof(ShimFailure))]
internal sealed partial class ShimJson : JsonSerializerContext;
