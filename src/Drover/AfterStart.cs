using Drover.Wire.Client;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;
using Drover.Wire.People;

namespace Drover;

/// <summary>
/// Looks whether a container that was just started runs for longer than a moment: one that dies at once was started
/// all the same, and who ordered it wants to know.
/// </summary>
internal sealed class AfterStart(DroverClient client, TimeProvider time)
{
    // The host's agent collects events for 250 ms before it tells of them.
    private static readonly TimeSpan[] Looks =
    [
        TimeSpan.Zero,
        TimeSpan.FromMilliseconds(250),
        TimeSpan.FromMilliseconds(350),
    ];

    /// <summary>What to append to the outcome; null when it runs, or when nobody can say.</summary>
    public async Task<string?> EndedAsync(CommandDto command, CancellationToken cancellationToken)
    {
        foreach (var pause in Looks)
        {
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            try
            {
                var containers =
                    await client.ListContainersAsync(command.HostId, cancellationToken).ConfigureAwait(false);
                if (Only(containers, command) is { State: "exited" or "dead" } ended && EndedAfter(ended, command))
                {
                    return ended.ExitCode is { } code
                        ? $", and it has exited ({code}) since"
                        : $", and it is {ended.State} since";
                }
            }
            catch (Exception error) when (error is ServerUnreachableException or ServerProblemException)
            {
                // The order itself is done; this look is only a courtesy.
                return null;
            }
        }

        return null;
    }

    private static ContainerDto? Only(IReadOnlyList<HostContainerDto> containers, CommandDto command)
    {
        var wanted = command.Parameters is { ValueKind: System.Text.Json.JsonValueKind.Object } parameters
            && parameters.TryGetProperty("container", out var value) ? value.GetString() : null;
        var found = containers
            .Where(one => one.AppCode == command.AppCode)
            .Select(one => one.Container)
            .Where(one => wanted is null || one.Name == wanted
                || one.DockerId.StartsWith(wanted, StringComparison.Ordinal))
            .Take(2)
            .ToList();
        return found is [var only] ? only : null;
    }

    // Both times are the host's own: an inventory that has not caught up yet still shows the end before the start.
    private static bool EndedAfter(ContainerDto container, CommandDto command) =>
        command.StartedAt is { } started
        && DateTimeOffset.TryParse(
            container.FinishedAt,
            System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal,
            out var finished)
        && DateTimeOffset.TryParse(
            container.StartedAt,
            System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.AssumeUniversal,
            out var began)
        && began >= started && finished >= began;
}
