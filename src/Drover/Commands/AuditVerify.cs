using System.CommandLine;
using System.Globalization;
using Drover.Core.Audit;
using Drover.Runtime.Configuration;
using Drover.Runtime.Storage;
using Drover.Server.Features.Audit;
using Drover.Terminal;
using Drover.Wire.Client;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary>
/// <c>drover audit verify</c>: over the API; where no server runs on this machine, or a file is named, straight in the
/// database file, opened read-only. The hashes are computed here, so that the server's word is not taken for it.
/// </summary>
internal static class AuditVerify
{
    private const int PageSize = 1000;
    private const int HashLength = 64;

    public static Command Create(VerbContext verbs)
    {
        var expect = new Option<string?>("--expect")
        {
            Description = "A head that was noted before: it must still be in the chain, which may have grown since",
            HelpName = "HEAD",
        };
        expect.Validators.Add(result =>
        {
            if (result.Tokens is [var given] && !IsHash(given.Value))
            {
                result.AddError(
                    $"--expect takes the {HashLength} hex digits of an earlier verify, not \"{given.Value}\"");
            }
        });
        var database = new Option<string?>("--database")
        {
            Description = "Check this file (a stopped server's server.db, or a backup) instead of asking the server",
            HelpName = "FILE",
        };
        var output = SharedOptions.Output();
        var command = new Command(
            "verify", "Check the hash of every entry and print the head; exit code 10 when the chain is broken.")
        {
            expect, database, output,
        };
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            var expected = parsed.GetValue(expect)?.ToLowerInvariant();
            var verdict = parsed.GetValue(database) is { } file
                ? OfFile(file, expected)
                : await OfServerAsync(verbs, parsed, expected, cancellationToken).ConfigureAwait(false);
            return Show(verbs.Screen, verdict, parsed.GetValue(output) == SharedOptions.Json);
        });
        return command;
    }

    private static bool IsHash(string text) => text.Length == HashLength && text.All(char.IsAsciiHexDigit);

    private static async Task<AuditVerdict> OfServerAsync(
        VerbContext verbs, ParseResult parsed, string? expected, CancellationToken cancellationToken)
    {
        try
        {
            using var link = verbs.Connect(parsed);
            return await OverApiAsync(link.Client, expected, cancellationToken).ConfigureAwait(false);
        }
        catch (ServerUnreachableException) when (OwnDatabase(verbs, parsed) is not null)
        {
            var file = OwnDatabase(verbs, parsed)!;
            verbs.Screen.Error.WriteLine(Paint.OneLine($"No server answers here; checking its database {file}"));
            return OfFile(file, expected);
        }
    }

    /// <summary>The database of this machine's own server, if it is its server that is meant.</summary>
    private static string? OwnDatabase(VerbContext verbs, ParseResult parsed)
    {
        if (verbs.Environment[EnvironmentVariables.Server] is not null)
        {
            return null;
        }

        var file = Path.Combine(verbs.Settings(parsed).DataDirectory, "server.db");
        return File.Exists(file) ? file : null;
    }

    private static async Task<AuditVerdict> OverApiAsync(
        DroverClient client, string? expected, CancellationToken cancellationToken)
    {
        var verifier = new AuditVerifier(expected);
        var after = "0";
        while (true)
        {
            var page = await client.ListAuditAsync(new AuditQuery(After: after, Limit: PageSize), cancellationToken)
                .ConfigureAwait(false);
            if (!page.Items.All(entry => verifier.Add(EntryOf(entry))) || page.Next is null)
            {
                return verifier.Verdict;
            }

            after = page.Next;
        }
    }

    private static AuditEntry EntryOf(AuditEntryDto dto) => new(
        dto.Ordinal,
        dto.Time,
        dto.ActorKind,
        dto.Actor,
        dto.Action,
        dto.Target,
        dto.Outcome,
        dto.Detail,
        dto.PreviousHash,
        dto.Hash);

    private static AuditVerdict OfFile(string file, string? expected)
    {
        try
        {
            return AuditFile.Verify(file, expected);
        }
        catch (StorageException error)
        {
            throw new CliException(
                File.Exists(file) ? ExitCode.Failed : ExitCode.NotFound,
                error.Message,
                "the database is server.db in the server's data directory; run this as the user who runs the server",
                error);
        }
    }

    private static ExitCode Show(Screen screen, AuditVerdict verdict, bool json)
    {
        switch (verdict)
        {
            case AuditVerdict.Intact intact when json:
                JsonText.WriteObject(screen, members =>
                {
                    members.WriteBoolean("intact", true);
                    members.WriteNumber("entries", intact.Count);
                    members.WriteString("head", intact.Head);
                });
                return ExitCode.Ok;
            case AuditVerdict.Intact intact:
                var entries = intact.Count == 1 ? "entry" : "entries";
                screen.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"intact: {intact.Count} {entries}, head {intact.Head}"));
                return ExitCode.Ok;
            case AuditVerdict.Broken broken when json:
                JsonText.WriteObject(screen, members =>
                {
                    members.WriteBoolean("intact", false);
                    members.WriteNumber("entry", broken.Ordinal);
                    members.WriteString("why", broken.Why);
                });
                return ExitCode.AuditBroken;
            case AuditVerdict.Broken broken:
                throw new CliException(
                    ExitCode.AuditBroken,
                    string.Create(
                        CultureInfo.InvariantCulture, $"the audit is broken at entry {broken.Ordinal}: {broken.Why}"),
                    "keep the file as it is and compare it with a backup; entries from there on cannot be believed");
            default:
                throw new InvalidOperationException("The set of verdicts is closed.");
        }
    }
}
