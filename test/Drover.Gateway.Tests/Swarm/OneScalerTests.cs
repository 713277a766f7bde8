using System.Reflection;
using System.Reflection.Emit;
using Drover.Gateway.Swarm;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Swarm;

namespace Drover.Gateway.Tests.Swarm;

/// <summary>Reads the compiled gateway: who calls what changes a service or a container.</summary>
public sealed class OneScalerTests
{
    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>All that changes nothing; whatever else these two can do is the scaler's alone.</summary>
    private static readonly string[] Reads =
    [
        nameof(ServiceOperations.ListAsync), nameof(ServiceOperations.InspectAsync),
        nameof(ServiceOperations.InspectRawAsync), nameof(ServiceOperations.LogsAsync),
        nameof(ContainerOperations.TopAsync), nameof(ContainerOperations.WaitAsync),
    ];

    [Fact]
    public void Only_the_scaler_calls_what_changes_a_service_or_a_container()
    {
        var offenders = Calls()
            .Where(call => call.Target.DeclaringType is { } type
                && (type == typeof(ServiceOperations) || type == typeof(ContainerOperations))
                && !Reads.Contains(call.Target.Name)
                && Outermost(call.Caller) != typeof(ServiceScaler))
            .Select(call => $"{Outermost(call.Caller).Name} calls {call.Target.Name}");

        Assert.Empty(offenders);
    }

    [Fact]
    public void The_scaler_updates_services_pauses_and_unpauses_and_changes_nothing_in_any_other_way()
    {
        var changes = Calls()
            .Where(call => Outermost(call.Caller) == typeof(ServiceScaler)
                && call.Target.DeclaringType?.Namespace?.StartsWith("Drover.Runtime.Docker", StringComparison.Ordinal)
                    is true
                && call.Target.Name.EndsWith("Async", StringComparison.Ordinal)
                && !Reads.Contains(call.Target.Name))
            .Select(call => call.Target.Name)
            .Distinct()
            .Order();

        Assert.Equal(["PauseAsync", "UnpauseAsync", "UpdateAsync"], changes);
    }

    private static IEnumerable<(Type Caller, MethodBase Target)> Calls() =>
        from type in typeof(ServiceScaler).Assembly.GetTypes()
        from method in type.GetMembers(
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static
            | BindingFlags.DeclaredOnly).OfType<MethodBase>()
        from target in Targets(method)
        select (type, target);

    private static IEnumerable<MethodBase> Targets(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at < code.Length;)
        {
            var first = code[at++];
            var operation = Codes[first is 0xFE ? 0xFE00 | code[at++] : first];
            if (operation.OperandType is OperandType.InlineMethod
                && Resolve(method, BitConverter.ToInt32(code, at)) is { } target)
            {
                yield return target;
            }

            at += operation.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static MethodBase? Resolve(MethodBase method, int token) => method.Module.ResolveMethod(
        token,
        method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null,
        method.IsGenericMethod ? method.GetGenericArguments() : null);

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
}
