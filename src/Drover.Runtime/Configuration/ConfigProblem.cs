using System.Globalization;

namespace Drover.Runtime.Configuration;

/// <summary>One thing that is wrong with a configuration file, and where.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
/// <param name="Message">A sentence that names the key and what to do.</param>
public sealed record ConfigProblem(long Line, long Column, string Message)
{
    /// <summary><c>line:column: message</c>, what editors jump to behind a file's name.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Line}:{Column}: {Message}");
}
