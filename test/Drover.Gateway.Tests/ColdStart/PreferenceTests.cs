using Drover.Gateway.ColdStart;
using Microsoft.Extensions.Primitives;

namespace Drover.Gateway.Tests.ColdStart;

public sealed class PreferenceTests
{
    [Theory]
    [InlineData("wait=10", 10)]
    [InlineData("respond-async, Wait = 10", 10)]
    [InlineData("wait=\"10\"", 10)]
    [InlineData("wait=10; foo", 10)]
    [InlineData("wait=10, wait=20", 10)]
    [InlineData("return=minimal|wait=5", 5)]
    [InlineData("wait=0", 0)]
    [InlineData("wait=99999999999999999999", int.MaxValue)]
    [InlineData("", null)]
    [InlineData("wait", null)]
    [InlineData("wait=", null)]
    [InlineData("wait=-1", null)]
    [InlineData("wait=1.5", null)]
    [InlineData("wait=soon", null)]
    [InlineData("waiting=10", null)]
    [InlineData("=10", null)]
    public void Wait_is_read_as_RFC_7240_has_it(string prefer, int? seconds) =>
        Assert.Equal(seconds, Preference.WaitOf(new StringValues(prefer.Split('|'))));
}
