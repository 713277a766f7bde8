using System.Text.Json;
using Drover.Gateway.Tests.Rig;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;

namespace Drover.Gateway.Tests.Browser;

/// <summary>The front end of docs/how-to/cold-start.md, in a real browser, of another origin than its agent.</summary>
[Collection(nameof(Chromium))]
public sealed class FrontEndExampleTests(Chromium chromium)
{
    private static string File => Path.Combine(AppContext.BaseDirectory, "cold-start.html");

    [Fact]
    public async Task The_example_wakes_the_agent_waits_and_sends_its_request_again()
    {
        await using var agent = await AgentAsync();
        await using var site = await SiteAsync();
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start(TimeSpan.FromSeconds(30));
        var page = await OpenAsync(rig, site);

        await page.GetByLabel("Say").FillAsync("hello");
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync(
            "scout is starting, ready in about 30 s");
        rig.Life.Serve(agent.Origin);

        await Assertions.Expect(page.Locator("#answer")).ToHaveTextAsync("You said hello");
        Assert.Equal(1, rig.Life.Wakes);
        Assert.Empty(await Chromium.BarriersAsync(page));
    }

    [Fact]
    public async Task The_example_says_why_a_wake_failed()
    {
        await using var site = await SiteAsync();
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start();
        var page = await OpenAsync(rig, site);

        await page.GetByLabel("Say").FillAsync("hello");
        await page.GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("scout is starting");
        rig.Life.Fail("no node has the image");

        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync(
            "The agent does not serve: no node has the image");
    }

    [Fact]
    public async Task The_page_of_the_how_to_shows_the_heart_of_the_example_as_it_is()
    {
        var ending = TestContext.Current.CancellationToken;
        var page = await System.IO.File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "cold-start.md"), ending);
        var begin = page.IndexOf("```js\n", StringComparison.Ordinal) + 6;
        var shown = page[begin..page.IndexOf("```", begin, StringComparison.Ordinal)]
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var real = (await System.IO.File.ReadAllLinesAsync(File, ending)).Select(line => line.Trim()).ToHashSet();

        Assert.NotEmpty(shown);
        Assert.All(shown, line => Assert.Contains(line.Trim(), real));
    }

    private async Task<IPage> OpenAsync(ColdRig rig, PlayedAgent site)
    {
        var page = await chromium.PageAsync();
        await page.GotoAsync($"http://app.test:{site.Origin.Port}/?agent=http://scout.test:{rig.Address.Port}");
        return page;
    }

    private static Task<PlayedAgent> SiteAsync() => PlayedAgent.StartAsync(context =>
    {
        context.Response.ContentType = "text/html";
        return context.Response.SendFileAsync(File);
    });

    /// <summary>An agent that lets the front end's origin speak to it, as an API for browsers does.</summary>
    private static Task<PlayedAgent> AgentAsync() => PlayedAgent.StartAsync(async context =>
    {
        context.Response.Headers.AccessControlAllowOrigin = context.Request.Headers.Origin;
        context.Response.Headers.AccessControlAllowHeaders = "content-type";
        if (HttpMethods.IsPost(context.Request.Method))
        {
            using var said = await JsonDocument.ParseAsync(context.Request.Body);
            await context.Response.WriteAsync($"You said {said.RootElement.GetProperty("text").GetString()}");
        }
    });
}
