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
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(3650);
    private static readonly string[] Roles = ["viewer", "operator", "admin"];

    public static Command Create(VerbContext verbs) =>
        new("token", "Make, list and revoke tokens.") { CreateToken(verbs), List(verbs), Revoke(verbs) };

    private static Command CreateToken(VerbContext verbs)
    {
        var role = new Option<string?>("--role")
        {
            Description = "Make an API token with this role instead of one that enrolls a host",
            HelpName = "viewer|operator|admin",
        };
        SharedOptions.Only(role, Roles);
        var name = new Option<string?>("--name")
        {
            Description = "What it is for; of an enrollment token: the name the host shall have",
            HelpName = "NAME",
        };
        var life = SharedOptions.Duration(
            "--expires", "How long it is valid (enrollment: 15m; API: for ever)", TimeSpan.FromMinutes(1), LongestLife);
        var file = new Option<string?>("--file")
        {
            Description = "Write the token to this file (mode 0600) instead of printing it",
            HelpName = "FILE",
        };
        var legacy = new Option<bool>("--legacy")
        {
            Description = "Make a token that registers an agent of the older protocol, and nothing else",
        };
        var output = SharedOptions.Output();
        var command = new Command(
            "create", "Make a one-time token that lets a host join, or with --role an API token.")
        {
            role,
            legacy,
            name,
            life,
            file,
            output,
        };
        verbs.RunWithServer(command, async (parsed, client, cancellationToken) =>
        {
            var target = parsed.GetValue(file);
            if (target is not null)
            {
                TokenFile.CheckBefore(target);
            }

            var seconds = parsed.GetValue(life) is { } time ? (long?)time.TotalSeconds : null;
            var api = parsed.GetValue(role);
            if (api is not null && parsed.GetValue(legacy))
            {
                throw new CliException(
                    ExitCode.Usage,
                    "cannot make the token: --legacy is for a host and --role for a person or tool",
                    "leave one of them out");
            }

            var created = api is null
                ? await client.CreateEnrollmentTokenAsync(
                    new CreateEnrollmentTokenRequest(
                        parsed.GetValue(name), seconds, parsed.GetValue(legacy) ? true : null),
                    cancellationToken)
                    .ConfigureAwait(false)
                : await client.CreateTokenAsync(
                    new CreateTokenRequest(parsed.GetValue(name) ?? "made on the command line", api, seconds),
                    cancellationToken).ConfigureAwait(false);
            if (target is not null)
            {
                await TokenFile.WriteAsync(target, created, client).ConfigureAwait(false);
            }

            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                WriteJson(verbs, created, target);
            }
            else
            {
                HandOver(verbs, created, target, isEnrollment: api is null, isLegacy: parsed.GetValue(legacy));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>
    /// Standard output gets the token alone, so that it can be piped; what to do with it goes to standard error.
    /// </summary>
    private static void HandOver(
        VerbContext verbs, CreatedTokenDto created, string? file, bool isEnrollment, bool isLegacy)
    {
        var screen = verbs.Screen;
        if (file is not null)
        {
            screen.Error.WriteLine($"The token is in {Path.GetFullPath(file)} (mode 0600); it is shown nowhere else.");
        }
        else
        {
            screen.Out.WriteLine(created.Token);
            screen.Out.Flush();
        }

        var until = created.ExpiresAt is { } end
            ? $"valid {(isEnrollment ? "once, " : "")}until {TimeText.Clock(end, TimeZoneInfo.Local)}"
            : "never expires";
        var use = isLegacy
            ? "What installs the agent: POST ADDRESS/api/v1/agent/register with it as bearer token"
            : isEnrollment
            ? "On the other machine: DROVER_ENROLL_TOKEN_FILE=FILE drover host-agent --server ADDRESS"
            : "Elsewhere: DROVER_SERVER=ADDRESS DROVER_TOKEN_FILE=FILE drover ps";
        screen.Error.WriteLine($"{created.TokenId}: {until}; `drover token revoke {created.TokenId}` ends it. {use}");
    }

    /// <summary>A token that went into a file is not printed as well.</summary>
    private static void WriteJson(VerbContext verbs, CreatedTokenDto created, string? file)
    {
        if (file is null)
        {
            JsonText.WriteOne(verbs.Screen, created, WireJson.Default.CreatedTokenDto);
            return;
        }

        JsonText.WriteObject(verbs.Screen, json =>
        {
            json.WriteString("token_id", created.TokenId);
            json.WriteString("file", Path.GetFullPath(file));
            if (created.ExpiresAt is { } end)
            {
                json.WriteString("expires_at", end.UtcDateTime);
            }
        });
    }

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
                    token.LastUsedAt is { } used ? TimeText.Age(used, now) : "never",
                    State(token, now));
            }

            table.Write(verbs.Screen);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Cell State(TokenDto token, DateTimeOffset now) => token switch
    {
        { RevokedAt: not null } => new Cell("revoked", Tone.Dim),
        { ExpiresAt: { } end } when end <= now => new Cell("expired", Tone.Dim),
        { Kind: Enrollment, LastUsedAt: not null } => new Cell("used", Tone.Dim),
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
        var command = new Command("revoke", "End a token at once.") { id };
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

            verbs.Screen.Out.WriteLine($"revoked {wanted}");
            return ExitCode.Ok;
        });
        return command;
    }
}
