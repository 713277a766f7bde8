using System.Collections.Concurrent;
using Drover.Gateway.Tests.Rig;
using Drover.Testing.Time;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;

namespace Drover.Gateway.Tests.Browser;

/// <summary>The page that waits, in a real browser.</summary>
[Collection(nameof(Chromium))]
public sealed class BrowserPageTests(Chromium chromium)
{
    [Fact]
    public async Task A_browser_gets_a_waiting_page_that_becomes_the_service_by_itself()
    {
        await using var agent = await AgentAsync();
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start(TimeSpan.FromSeconds(30));
        var page = await chromium.PageAsync();
        var objections = new ConcurrentQueue<string>();
        var asked = new ConcurrentQueue<string>();
        page.Console += (_, message) => objections.Enqueue(message.Text);
        page.PageError += (_, error) => objections.Enqueue(error);
        page.Request += (_, request) => asked.Enqueue(new Uri(request.Url).PathAndQuery);

        var answer = await page.GotoAsync(AddressOf(rig, "/chat?room=1#end"));
        Assert.Equal(503, answer!.Status);
        Assert.Equal("scout is starting", await page.TitleAsync());
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync(
            "This usually takes 30 s more. The page goes on by itself.");
        await ColdRig.UntilAsync(() => asked.Contains("/api/health"), "the page to listen");
        rig.Life.Serve(agent.Origin);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("I am scout at /chat?room=1");

        Assert.EndsWith("/chat?room=1#end", page.Url);
        Assert.All(asked, path => Assert.Contains(path, new[] { "/chat?room=1", "/api/health" }));
        Assert.DoesNotContain(objections, text => !text.Contains("503", StringComparison.Ordinal));
        Assert.Equal(1, rig.Life.Wakes);
    }

    [Fact]
    public async Task A_wake_that_fails_says_why_and_a_button_tries_again()
    {
        var clock = new FakeClock();
        await using var agent = await AgentAsync();
        await using var rig = await ColdRig.StartAsync(time: clock);
        rig.Life.OnWake = () => rig.Life.Start();
        var page = await chromium.PageAsync();
        await page.Clock.InstallAsync();
        await page.GotoAsync(AddressOf(rig, "/"));
        var again = page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Try again" });
        await Assertions.Expect(again).ToBeHiddenAsync();

        rig.Life.Fail("no node has the image");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("scout does not serve now");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("no node has the image");
        Assert.Empty(await Chromium.BarriersAsync(page));
        Assert.Equal(1, rig.Life.Wakes);

        rig.Life.OnWake = () => rig.Life.Serve(agent.Origin);
        clock.Advance(TimeSpan.FromSeconds(8));
        await again.ClickAsync();
        await page.Clock.FastForwardAsync(8000);

        await Assertions.Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("I am scout at /");
        Assert.Equal(2, rig.Life.Wakes);
    }

    [Fact]
    public async Task A_page_that_failed_becomes_the_service_when_somebody_else_woke_it()
    {
        await using var agent = await AgentAsync();
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Fail("no node has the image");
        var page = await chromium.PageAsync();
        await page.GotoAsync(AddressOf(rig, "/"));
        await Assertions.Expect(page.GetByRole(AriaRole.Button)).ToBeVisibleAsync();

        rig.Life.Start();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("scout is starting");
        rig.Life.Serve(agent.Origin);

        await Assertions.Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("I am scout at /");
    }

    [Fact]
    public async Task Without_JavaScript_the_page_looks_again_by_itself()
    {
        await using var agent = await AgentAsync();
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start(TimeSpan.FromSeconds(0.9));
        var page = await chromium.PageAsync(new BrowserNewContextOptions { JavaScriptEnabled = false });

        await page.GotoAsync(AddressOf(rig, "/"));
        await Assertions.Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("scout is starting");
        await Assertions.Expect(page.GetByRole(AriaRole.Link)).ToHaveTextAsync("Look again now");
        rig.Life.Serve(agent.Origin);

        await Assertions.Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("I am scout at /");
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task The_page_keeps_nobody_out_and_is_light_or_dark_and_still_as_wanted(ColorScheme scheme)
    {
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start();
        var page = await chromium.PageAsync(new BrowserNewContextOptions
        {
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
        });

        await page.GotoAsync(AddressOf(rig, "/"));

        Assert.Empty(await Chromium.BarriersAsync(page));
        var background = await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        Assert.Equal(scheme is ColorScheme.Light, background == "rgb(255, 255, 255)");
        Assert.Equal("none", await page.EvaluateAsync<string>(
            "getComputedStyle(document.querySelector('.bar div')).animationName"));
    }

    private static string AddressOf(ColdRig rig, string target) => $"http://scout.test:{rig.Address.Port}{target}";

    private static Task<PlayedAgent> AgentAsync() => PlayedAgent.StartAsync(context =>
    {
        context.Response.ContentType = "text/html";
        return context.Response.WriteAsync(
            $"<!doctype html><html lang=en><title>scout</title><link rel=icon href=data:,>"
                + $"<h1>I am scout at {context.Request.Path}{context.Request.QueryString}</h1>");
    });
}
