namespace Drover.Runtime.Processes;

/// <summary>What came of a launch.</summary>
public abstract record LaunchOutcome
{
    /// <summary>The program runs, or has ended already.</summary>
    /// <param name="Process">To be disposed by the caller.</param>
    public sealed record Started(ISupervisedProcess Process) : LaunchOutcome;

    /// <summary>Nothing runs.</summary>
    /// <param name="Executable">As the user wrote it.</param>
    /// <param name="Why">As <c>there is no file "/x"</c>.</param>
    /// <param name="IsLoader">True when the program is there and what should load it is not.</param>
    public sealed record Failed(string Executable, string Why, bool IsLoader = false) : LaunchOutcome
    {
        /// <summary>The whole sentence, without a full stop.</summary>
        public string Sentence => $"cannot start \"{Executable}\": {Why}";
    }
}
