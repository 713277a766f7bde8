using System.CommandLine;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary>
/// <c>drover token create</c>: on a terminal the one line to paste on the other machine; elsewhere the token goes into
/// a file that only its owner reads, for what standard output is redirected to outlives the token's purpose.
/// </summary>
internal static class TokenCreateCommand
{
    private const string StandardOutput = "-";
    private const int MostUses = 10_000;
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(3650);
    private static readonly string[] Roles = ["viewer", "operator", "admin"];

    public static Command Create(VerbContext verbs)
    {
        var options = new Options();
        var command = new Command(
            "create", "Make a one-time token that lets a host join, or with --role an API token.")
        {
            options.Role,
            options.Legacy,
            options.Name,
            options.Life,
            options.Uses,
            options.Advertise,
            options.File,
            options.Output,
        };
        verbs.RunWithServer(command, async (parsed, client, cancellationToken) =>
        {
            CheckTogether(parsed, options);
            var target = parsed.GetValue(options.File);
            var isPrinted = target == StandardOutput || (target is null && verbs.Screen.OutIsTerminal);
            if (!isPrinted && target is not null)
            {
                TokenFile.CheckBefore(target);
            }

            var created = await AskAsync(parsed, options, client, cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(options.Advertise) is { } address && created.Join is { } join)
            {
                created = created with { Join = Advertised(join, address) };
            }

            string? file = null;
            if (!isPrinted)
            {
                file = target ?? UserDirectory.File(verbs.Environment, "tokens", created.TokenId);
                await TokenFile.WriteAsync(file, created, client).ConfigureAwait(false);
            }

            if (parsed.GetValue(options.Output) == SharedOptions.Json)
            {
                WriteJson(verbs, created, file);
            }
            else
            {
                HandOver(
                    verbs, created, file, isRaw: target == StandardOutput, isLegacy: parsed.GetValue(options.Legacy));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void CheckTogether(ParseResult parsed, Options options)
    {
        var isApi = parsed.GetValue(options.Role) is not null;
        if (isApi && parsed.GetValue(options.Legacy))
        {
            throw new CliException(
                ExitCode.Usage,
                "cannot make the token: --legacy is for a host and --role for a person or tool",
                "leave one of them out");
        }

        if (isApi && (parsed.GetValue(options.Uses) is not null || parsed.GetValue(options.Advertise) is not null))
        {
            throw new CliException(
                ExitCode.Usage,
                "cannot make the token: --uses and --advertise are for hosts and --role for a person or tool",
                "leave one of them out");
        }
    }

    private static Task<CreatedTokenDto> AskAsync(
        ParseResult parsed, Options options, DroverClient client, CancellationToken cancellationToken)
    {
        var seconds = parsed.GetValue(options.Life) is { } time ? (long?)time.TotalSeconds : null;
        var name = parsed.GetValue(options.Name);
        return parsed.GetValue(options.Role) is { } role
            ? client.CreateTokenAsync(
                new CreateTokenRequest(name ?? "made on the command line", role, seconds), cancellationToken)
            : client.CreateEnrollmentTokenAsync(
                new CreateEnrollmentTokenRequest(
                    name, seconds, parsed.GetValue(options.Legacy) ? true : null, parsed.GetValue(options.Uses)),
                cancellationToken);
    }

    /// <summary>Another address is the same server under another name: the pin stays, for it is of the key.</summary>
    private static JoinDto Advertised(JoinDto join, string address)
    {
        var text = address.Contains("://", StringComparison.Ordinal)
            ? address
            : $"{new Uri(join.Server).Scheme}://{address}";
        var isUsable = Uri.TryCreate(text, UriKind.Absolute, out var given) && given.Scheme is "http" or "https"
            && given is { PathAndQuery: "/", UserInfo: "" };
        if (!isUsable)
        {
            throw new CliException(
                ExitCode.Usage,
                $"cannot use --advertise \"{address}\": it is not an address",
                "write https://HOST:PORT");
        }

        var whole = given!.IsDefaultPort && !address.Contains("://", StringComparison.Ordinal)
            ? new UriBuilder(given) { Port = new Uri(join.Server).Port }.Uri
            : given;
        return new JoinDto(
            whole.GetLeftPart(UriPartial.Authority), join.Pin, JoinAddressSources.Given, join.Others);
    }

    /// <summary>
    /// Standard output gets the one thing to carry on with; what to know of it goes to standard error.
    /// </summary>
    private static void HandOver(
        VerbContext verbs, CreatedTokenDto created, string? file, bool isRaw, bool isLegacy)
    {
        var screen = verbs.Screen;
        screen.Out.WriteLine((created.Join, file) switch
        {
            (_, null) when isRaw => created.Token,
            ({ } join, null) => JoinLine.With(created.Token, join),
            (null, null) => created.Token,
            ({ } join, { } path) => JoinLine.WithFile(Path.GetFullPath(path), join),
            (null, { } path) => Path.GetFullPath(path),
        });
        screen.Out.Flush();
        if (file is not null)
        {
            screen.Error.WriteLine(
                $"The token is in {Path.GetFullPath(file)} (mode 0600); it is shown nowhere else."
                    + (created.Join is null ? "" : " Copy the file to the other machine and run the line there."));
        }

        var once = created.Join is null && !isLegacy ? "" : "once, ";
        var until = created.ExpiresAt is { } end
            ? $"valid {once}until {TimeText.Clock(end, TimeZoneInfo.Local)}"
            : "never expires";
        screen.Error.WriteLine($"{created.TokenId}: {until}; `drover token revoke {created.TokenId}` ends it.");
        screen.Error.WriteLine(created.Join is { } how
            ? JoinLine.About(how)
            : isLegacy
            ? "What installs the agent: POST ADDRESS/api/v1/agent/register with it as bearer token"
            : "Elsewhere: `drover login SERVER`, or DROVER_SERVER=SERVER DROVER_TOKEN_FILE=FILE drover ps");
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

            if (created.Join is { } join)
            {
                json.WriteString("server", join.Server);
                if (join.Pin is { } pin)
                {
                    json.WriteString("pin", pin);
                }
            }
        });
    }

    private sealed class Options
    {
        public Options() => SharedOptions.Only(Role, Roles);

        public Option<string?> Role { get; } = new("--role")
        {
            Description = "Make an API token with this role instead of one that enrolls a host",
            HelpName = "viewer|operator|admin",
        };

        public Option<bool> Legacy { get; } = new("--legacy")
        {
            Description = "Make a token that registers an agent of the older protocol, and nothing else",
        };

        public Option<string?> Name { get; } = new("--name")
        {
            Description = "What it is for; of an enrollment token: the name the host shall have",
            HelpName = "NAME",
        };

        public Option<TimeSpan?> Life { get; } = SharedOptions.Duration(
            "--expires", "How long it is valid (enrollment: 15m; API: for ever)", TimeSpan.FromMinutes(1), LongestLife);

        public Option<int?> Uses { get; } = new("--uses")
        {
            Description = "How many hosts may join with it (default 1); more where server.enrollment allows it",
            HelpName = "N",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var uses)
                    && uses is >= 1 and <= MostUses)
                {
                    return uses;
                }

                result.AddError($"--uses takes 1 to {MostUses}, not \"{text}\"");
                return null;
            },
        };

        public Option<string?> Advertise { get; } = new("--advertise")
        {
            Description = "The server's address as the other machine reaches it",
            HelpName = "ADDRESS",
        };

        public Option<string?> File { get; } = new("--file")
        {
            Description = "Write the token to this file (mode 0600) instead of printing it; - prints it in any case",
            HelpName = "FILE",
        };

        public Option<string> Output { get; } = SharedOptions.Output();
    }
}
