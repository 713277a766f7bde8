using System.Runtime.InteropServices;

namespace Drover.Runtime.Auth;

/// <summary>The user this process works as.</summary>
public static partial class CurrentUser
{
    /// <summary>Effective user id. Source: geteuid(2).</summary>
    public static uint Id => GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();
}
