namespace Drover.Server.Hosting;

/// <summary>
/// A body or query that cannot be bound. Thrown only by <see cref="PeopleBody"/>, <see cref="AgentBody"/> and
/// <see cref="QueryReader"/> while they bind, turned into a 400 by <see cref="ProblemMiddleware"/>.
/// </summary>
internal sealed class InvalidRequestException(string message) : Exception(message);
