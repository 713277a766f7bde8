using Drover.Testing.Docker;

[assembly: AssemblyFixture(typeof(SharedSwarm))]
