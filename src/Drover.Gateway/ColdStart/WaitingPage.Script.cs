namespace Drover.Gateway.ColdStart;

/// <summary>What of the page is the same for every agent, so that its policy can name it by its hash.</summary>
internal static partial class WaitingPage
{
    private const string Style = """

        :root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText }
        main { width: min(34rem, 100% - 3rem) }
        h1 { font-size: 1.5rem; margin: 0 0 .5rem; overflow-wrap: anywhere }
        p { margin: 0 0 1rem; overflow-wrap: anywhere }
        button { font: inherit; padding: .5rem 1rem; cursor: pointer }
        .bar { height: .25rem; border-radius: .125rem; overflow: hidden; background: GrayText }
        .bar div { height: 100%; width: 30%; background: CanvasText; animation: pass 1.6s ease-in-out infinite }
        .bar[hidden] { display: none }
        @keyframes pass { from { margin-left: -30% } to { margin-left: 100% } }
        @media (prefers-reduced-motion: reduce) { .bar div { animation: none; width: 100% } }

        """;

    // A reload that comes too early finds this page again: not more than one a second then. What something between
    // swallows of the events is asked for every few seconds.
    private const string Script = """

        (() => {
          'use strict';
          const page = document.body.dataset;
          const part = (id) => document.getElementById(id);
          const wasReloaded = performance.getEntriesByType('navigation')[0]?.type === 'reload';
          let tryAt = performance.now() + Number(page.pause);
          let leaving = 0;

          const reload = (after) => {
            clearTimeout(leaving);
            leaving = setTimeout(() => location.reload(), Math.max(0, after));
          };

          const show = (heading, text, canTry) => {
            document.title = part('heading').textContent = heading;
            if (part('text').textContent !== text) part('text').textContent = text;
            part('bar').hidden = canTry;
            part('again').hidden = !canTry;
          };

          const tell = (now) => {
            const before = page.state;
            if (before === 'ready') return;
            if (now.status === 'ready') {
              page.state = 'ready';
              show(page.agent + ' is ready', 'It is there.', false);
              reload(wasReloaded ? 1000 - performance.now() : 0);
              return;
            }
            if (leaving || now.status === before && !now.message) return;
            page.state = now.status;
            if (now.status === 'starting') {
              show(page.agent + ' is starting', now.message ?? (now.estimated_wait
                ? 'This usually takes ' + Math.ceil(now.estimated_wait) + ' s more. The page goes on by itself.'
                : 'The page goes on by itself once it is there.'), false);
            } else {
              if (before !== now.status) tryAt = performance.now() + Number(page.shown);
              show(page.agent + ' does not serve now', now.message ?? 'It went back to sleep.', true);
            }
          };

          part('again').addEventListener('click', () => {
            const left = tryAt - performance.now();
            show(page.agent + ' is starting',
              left > 1000 ? 'Trying again in ' + Math.ceil(left / 1000) + ' s.' : 'Trying again.', false);
            reload(left);
          });
          if (page.state !== 'starting') part('again').hidden = false;

          new EventSource(page.path).addEventListener('status', (event) => tell(JSON.parse(event.data)));
          setInterval(async () => {
            try {
              tell(await (await fetch(page.path, { cache: 'no-store' })).json());
            } catch { /* The gateway is away; it is asked again. */ }
          }, 5000);
        })();

        """;
}
