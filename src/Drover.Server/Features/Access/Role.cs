namespace Drover.Server.Features.Access;

/// <summary>What a person or tool may do; each role may do what the ones before it may.</summary>
internal enum Role
{
    /// <summary>Read everything, order what changes nothing.</summary>
    Viewer,

    /// <summary>Order what changes hosts.</summary>
    Operator,

    /// <summary>Tokens and enrollment.</summary>
    Admin,
}

/// <summary>The names of roles on the wire and in the database.</summary>
internal static class Roles
{
    public static readonly IReadOnlyList<string> Names = ["viewer", "operator", "admin"];

    public static string NameOf(Role role) => Names[(int)role];

    public static Role? Parse(string? name)
    {
        for (var index = 0; index < Names.Count; index++)
        {
            if (Names[index] == name)
            {
                return (Role)index;
            }
        }

        return null;
    }
}
