using Drover.Terminal;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary>The line that a person pastes on another machine to let it join.</summary>
internal static class JoinLine
{
    /// <summary>With the token in it, as on a terminal; a line of the shell.</summary>
    public static string With(string token, JoinDto join) => $"{Start(join)} --enroll {token}";

    /// <summary>With the token in a file that goes to the other machine.</summary>
    public static string WithFile(string file, JoinDto join) =>
        $"DROVER_ENROLL_TOKEN_FILE={Quoted(file)} {Start(join)}";

    /// <summary>Says which address was chosen and why, and what else there is.</summary>
    public static string About(JoinDto join) => join.AddressSource switch
    {
        JoinAddressSources.PublicUrl => $"The address {join.Server} is server.public_url.",
        JoinAddressSources.Given => $"The address {join.Server} is the one you gave.",
        JoinAddressSources.Listen => $"The address {join.Server} is the one the server listens on.",
        JoinAddressSources.Interface =>
            $"The address {join.Server} was chosen among this machine's"
                + (join.Others.Count > 0 ? $" (also: {string.Join(", ", join.Others)})" : "")
                + "; --advertise or server.public_url choose another.",
        _ => $"The server listens on loopback only ({join.Server}): no other machine reaches it. Start it with "
            + "`drover server --listen 0.0.0.0:7780`, or give the address of a tunnel with --advertise.",
    };

    private static string Start(JoinDto join) =>
        Paint.OneLine($"drover host-agent --server {join.Server}{(join.Pin is { } pin ? $" --pin {pin}" : "")}");

    private static string Quoted(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '~')
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
