using System.CommandLine;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary>What an admin does to a host: <c>drover hosts remove|revoke|rotate-key</c>.</summary>
internal static class HostVerbs
{
    public static Command Remove(VerbContext verbs) => Create(
        verbs,
        "remove",
        "Forget a host and its key. Its agent is refused until it enrolls again; its history stays in events and "
            + "audit.",
        async (client, host, cancellationToken) =>
        {
            await client.RemoveHostAsync(host, cancellationToken).ConfigureAwait(false);
            return new Done($"removed {host}", Host: null);
        });

    public static Command Revoke(VerbContext verbs) => Create(
        verbs,
        "revoke",
        "Refuse a host from now on: its key is destroyed and its streams end. It stays in the list as revoked.",
        async (client, host, cancellationToken) =>
        {
            var revoked = await client.RevokeHostAsync(host, cancellationToken).ConfigureAwait(false);
            return new Done($"revoked {revoked.Name}; to let it in again, remove it and enroll it with a new token",
                revoked);
        });

    public static Command RotateKey(VerbContext verbs) => Create(
        verbs,
        "rotate-key",
        "Order a host to make a new key. It takes it with its next heartbeat; nothing is interrupted.",
        async (client, host, cancellationToken) =>
        {
            var ordered = await client.RotateHostKeyAsync(host, cancellationToken).ConfigureAwait(false);
            return new Done(
                $"ordered a new key for {ordered.Name}; it takes it with its next heartbeat, and the old one ends "
                    + "with the first request under the new one",
                ordered);
        });

    /// <summary>HOST, which completion offers.</summary>
    internal static Argument<string> HostArgument(VerbContext verbs)
    {
        var host = new Argument<string>("HOST") { Description = "Its name or id" };
        host.CompletionSources.Add(_ => AppArgument.Names(
            verbs,
            async (client, token) =>
                (await client.ListHostsAsync(token).ConfigureAwait(false)).Select(one => one.Name)));
        return host;
    }

    private static Command Create(
        VerbContext verbs,
        string name,
        string description,
        Func<DroverClient, string, CancellationToken, Task<Done>> run)
    {
        var host = HostArgument(verbs);
        var output = SharedOptions.Output();
        var command = new Command(name, description) { host, output };
        verbs.RunWithServer(command, async (parsed, client, cancellationToken) =>
        {
            var named = parsed.GetValue(host)!;
            var done = await run(client, named, cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(output) != SharedOptions.Json)
            {
                verbs.Screen.Out.WriteLine(Paint.OneLine(done.Said));
            }
            else if (done.Host is { } changed)
            {
                JsonText.WriteOne(verbs.Screen, changed, WireJson.Default.HostDto);
            }
            else
            {
                JsonText.WriteObject(verbs.Screen, json => json.WriteString("removed", named));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>What was done, in words and as the host is now; no host where it is gone.</summary>
    private readonly record struct Done(string Said, HostDto? Host);
}
