using System.Globalization;
using Drover.Runtime.Processes.Shim;

namespace Drover.Runtime.Processes;

/// <summary>Whom a program could run as on this machine, for a look before anything is started.</summary>
public static class UserAccounts
{
    /// <summary>
    /// True for a name that the system knows, with a group behind a colon or without, and for any number.
    /// </summary>
    public static bool Exists(string user)
    {
        ArgumentNullException.ThrowIfNull(user);
        var colon = user.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? user : user[..colon];
        return uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            || NativeUser.ByName(name) is not null;
    }
}
