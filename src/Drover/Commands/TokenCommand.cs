using System.CommandLine;
using Drover.Core.Trust;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary><c>drover token</c>: tokens that let a host join, and API tokens of people and tools.</summary>
internal static class TokenCommand
{
    private const string Enrollment = "enrollment";

    public static Command Create(VerbContext verbs) =>
        new("token", "Make, list and revoke tokens.")
        {
            TokenCreateCommand.Create(verbs),
            List(verbs),
            Revoke(verbs),
        };

    private static Command List(VerbContext verbs)
    {
        var output = SharedOptions.Output();
        var command = new Command("list", "Show the tokens; their secrets are not kept.") { output };
        verbs.RunWithServer(command, async (parsed, client, cancellationToken) =>
        {
            var tokens = await client.ListTokensAsync(cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                JsonText.WriteList(verbs.Screen, tokens, WireJson.Default.TokenDto);
                return ExitCode.Ok;
            }

            var table = new Table("TOKEN", "KIND", "NAME", "ROLE", "BY", "AGE", "EXPIRES", "USED", "STATE");
            var now = verbs.Now;
            foreach (var token in tokens)
            {
                table.Add(
                    token.TokenId,
                    token.Kind,
                    token.Name ?? "-",
                    token.Role ?? "-",
                    token.CreatedBy,
                    TimeText.Age(token.CreatedAt, now),
                    token.ExpiresAt is { } end ? TimeText.Clock(end, TimeZoneInfo.Local) : "never",
                    Used(token, now),
                    State(token, now));
            }

            table.Write(verbs.Screen);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>When it was last used; of a token for several hosts also how often.</summary>
    private static string Used(TokenDto token, DateTimeOffset now)
    {
        var last = token.LastUsedAt is { } used ? TimeText.Age(used, now) : "never";
        return token.MostUses > 1 ? $"{last} ({token.Uses} of {token.MostUses})" : last;
    }

    private static Cell State(TokenDto token, DateTimeOffset now) => token switch
    {
        { RevokedAt: not null } => new Cell("revoked", Tone.Dim),
        { ExpiresAt: { } end } when end <= now => new Cell("expired", Tone.Dim),
        { Kind: Enrollment, Uses: { } uses, MostUses: { } most } when uses >= most => new Cell("used", Tone.Dim),
        _ => new Cell("valid", Tone.Good),
    };

    private static Command Revoke(VerbContext verbs)
    {
        var id = new Argument<string>("TOKEN") { Description = "Its id, as `drover token list` shows it" };
        id.CompletionSources.Add(_ => AppArgument.Names(
            verbs,
            async (client, token) =>
                (await client.ListTokensAsync(token).ConfigureAwait(false))
                    .Where(one => one.RevokedAt is null)
                    .Select(one => one.TokenId)));
        var output = SharedOptions.Output();
        var command = new Command("revoke", "End a token at once.") { id, output };
        verbs.RunWithServer(command, async (parsed, client, cancellationToken) =>
        {
            var wanted = parsed.GetValue(id)!;
            if (SecretToken.TryParse(wanted, SecretToken.EnrollmentPrefix, out _)
                || SecretToken.TryParse(wanted, SecretToken.ApiPrefix, out _))
            {
                throw new CliException(
                    ExitCode.Usage,
                    "cannot revoke a token by its secret: the server keeps none; its id is wanted",
                    "`drover token list` shows the ids");
            }

            try
            {
                await client.RevokeTokenAsync(wanted, cancellationToken).ConfigureAwait(false);
            }
            catch (ServerProblemException problem) when (problem.Name == Problems.NotFound)
            {
                throw new CliException(
                    ExitCode.NotFound,
                    $"cannot revoke \"{wanted}\": no valid token has that id",
                    "`drover token list` shows the ids",
                    problem);
            }

            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                JsonText.WriteObject(verbs.Screen, json => json.WriteString("revoked", wanted));
            }
            else
            {
                verbs.Screen.Out.WriteLine($"revoked {wanted}");
            }

            return ExitCode.Ok;
        });
        return command;
    }
}
