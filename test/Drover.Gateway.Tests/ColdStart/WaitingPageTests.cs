using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Drover.Gateway.Tests.Rig;
using Drover.Testing.Time;

namespace Drover.Gateway.Tests.ColdStart;

/// <summary>Who gets the page that waits, and what it holds.</summary>
public sealed partial class WaitingPageTests
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_browser_gets_a_page_of_its_own_with_503_and_the_wake_is_under_way()
    {
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start(TimeSpan.FromSeconds(30));

        using var answer = await rig.SendAsync(rig.Request("/", ("Accept", Browser)));
        var page = await answer.Content.ReadAsStringAsync(Ending);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("30", answer.Headers.GetValues("Retry-After").Single());
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.StartsWith("<!doctype html>\n<html lang=\"en\">", page);
        Assert.Contains("<title>scout is starting</title>", page);
        Assert.Contains("role=\"status\" aria-live=\"polite\">This usually takes 30 s more.", page);
        Assert.Contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>", page);
        Assert.Equal(1, rig.Life.Wakes);
    }

    [Fact]
    public async Task The_page_needs_nothing_from_elsewhere_and_its_policy_lets_nothing_else_run()
    {
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start();

        using var answer = await rig.SendAsync(rig.Request("/", ("Accept", Browser)));
        var page = await answer.Content.ReadAsStringAsync(Ending);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();

        Assert.DoesNotContain("src=", page);
        Assert.DoesNotContain("://", page);
        Assert.Equal(
            ["data:,"], Reference().Matches(page).Select(match => match.Groups[1].Value).Where(to => to != ""));
        Assert.Equal(
            $"default-src 'none'; style-src {HashOf(page, "style")}; script-src {HashOf(page, "script")}; "
                + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'",
            policy);
    }

    [Theory]
    [InlineData("*/*", null, false)]
    [InlineData("application/json, text/plain, */*", null, false)]
    [InlineData("text/html;q=0, application/json", null, false)]
    [InlineData("application/json, TEXT/HTML;q=0.1", null, true)]
    [InlineData(Browser, "navigate", true)]
    [InlineData(Browser, "cors", false)]
    public async Task Only_what_a_browser_shows_whole_is_a_page(string accept, string? mode, bool isPage)
    {
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start();
        using var request = rig.Request("/", ("Accept", accept));
        if (mode is not null)
        {
            request.Headers.Add("Sec-Fetch-Mode", mode);
        }

        using var answer = await rig.SendAsync(request);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(isPage ? "text/html" : "application/json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_form_that_a_browser_sent_is_held_for_no_page_could_send_it_again()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start();
        using var request = rig.Request("/save", ("Accept", Browser));
        request.Method = HttpMethod.Post;
        request.Content = new FormUrlEncodedContent([KeyValuePair.Create("text", "long")]);

        var answering = ColdRig.ReadAsync(rig.SendAsync(request));
        await rig.UntilWaitingAsync(1);
        rig.Life.Serve(agent.Origin);

        Assert.EndsWith("\n\ntext=long", (await answering).Body);
    }

    [Fact]
    public async Task A_failure_is_shown_with_its_reason_and_looking_again_makes_no_new_try_until_it_was_read()
    {
        var clock = new FakeClock();
        await using var rig = await ColdRig.StartAsync(time: clock);
        rig.Life.OnWake = () => rig.Life.Fail("no node has <b>the image</b>");

        var first = await PageAsync(rig);
        clock.Advance(TimeSpan.FromSeconds(5));
        var second = await PageAsync(rig);
        Assert.Equal(1, rig.Life.Wakes);
        clock.Advance(TimeSpan.FromSeconds(3));
        await PageAsync(rig);
        Assert.Equal(2, rig.Life.Wakes);

        foreach (var page in new[] { first, second })
        {
            Assert.Contains("<h1 id=\"heading\">scout does not serve now</h1>", page);
            Assert.Contains("no node has &lt;b&gt;the image&lt;/b&gt;", page);
            Assert.Contains("<a href=\"\">Try again</a>", page);
            Assert.DoesNotContain("http-equiv=\"refresh\"", page);
        }

        Assert.Contains("data-pause=\"3000\"", second);
    }

    [Fact]
    public async Task While_failed_wakes_rest_the_page_makes_no_new_try_either()
    {
        var clock = new FakeClock();
        await using var rig = await ColdRig.StartAsync(time: clock);
        rig.Life.OnWake = () => rig.Life.Fail("no node has the image", TimeSpan.FromSeconds(32));
        await PageAsync(rig);
        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Contains("data-pause=\"22000\"", await PageAsync(rig));
        Assert.Equal(1, rig.Life.Wakes);
    }

    [Fact]
    public async Task The_page_listens_where_the_agents_status_is()
    {
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent() with { StatusPath = "/-/it's" });
        rig.Life.OnWake = () => rig.Life.Start();

        Assert.Contains("data-path=\"/-/it&#x27;s\"", await PageAsync(rig));
    }

    private static async Task<string> PageAsync(ColdRig rig) =>
        (await ColdRig.ReadAsync(rig.SendAsync(rig.Request("/", ("Accept", Browser))))).Body;

    private static string HashOf(string page, string element)
    {
        var begin = page.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2;
        var text = page[begin..page.IndexOf($"</{element}>", StringComparison.Ordinal)];
        return $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";
    }

    [GeneratedRegex("href=\"([^\"]*)\"")]
    private static partial Regex Reference();
}
