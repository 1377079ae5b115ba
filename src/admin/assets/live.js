// Follows the page's server-sent events: each brings elements that take the place of those with the same id.
{
  const QUIET_MS = 40_000;
  const LOST_AFTER_MS = 5_000;
  const LONGEST_PAUSE_MS = 30_000;
  const FOCUSABLE = 'a, button, input, select, summary';

  const page = document.querySelector('main[data-live]');
  const state = document.querySelector('[data-live-state]');
  const held = new Map();
  let source = null;
  let isOver = false;
  let lastHeardMs = 0;
  let pauseMs = 1_000;
  let waking;

  const say = (word) => {
    if (state === null || state.dataset.now === word) return;
    state.dataset.now = word;
    const words = { live: state.dataset.whenLive, lost: state.dataset.whenLost, over: state.dataset.whenOver };
    state.querySelector('[data-live-word]').textContent = words[word];
  };

  // the focus and a table's sideways scrolling survive; a text that is being marked is left alone until it no longer is
  const replace = (id, html) => {
    const old = document.getElementById(id);
    if (old === null) return;
    const selection = document.getSelection();
    if (selection !== null && !selection.isCollapsed && selection.containsNode(old, true)) {
      held.set(id, html);
      return;
    }
    held.delete(id);
    const template = document.createElement('template');
    template.innerHTML = html;
    const fresh = template.content.firstElementChild;
    if (fresh === null || old.isEqualNode(fresh)) return;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const home = focused?.closest('[id]');
    const place = home ? [...home.querySelectorAll(FOCUSABLE)].indexOf(focused) : -1;
    const scrolls = [...old.querySelectorAll('.table-wrap')].map((wrap) => wrap.scrollLeft);
    old.replaceWith(fresh);
    for (const [n, wrap] of fresh.querySelectorAll('.table-wrap').entries()) wrap.scrollLeft = scrolls[n] ?? 0;
    if (place >= 0) {
      document.getElementById(home.id)?.querySelectorAll(FOCUSABLE)[place]?.focus({ preventScroll: true });
    }
  };

  const hear = (word) => {
    lastHeardMs = Date.now();
    pauseMs = 1_000;
    if (word !== null) say(word);
  };

  const leave = () => {
    clearTimeout(waking);
    source?.close();
    source = null;
  };

  const follow = () => {
    if (source !== null || isOver) return;
    clearTimeout(waking);
    lastHeardMs = Date.now();
    source = new EventSource(page.dataset.live);
    source.addEventListener('fragments', (event) => {
      hear('live');
      const pairs = [...held, ...JSON.parse(event.data)];
      for (const [id, html] of pairs) replace(id, html);
    });
    source.addEventListener('beat', () => hear(null));
    source.addEventListener('back', () => hear('live'));
    source.addEventListener('lost', () => hear('lost'));
    source.addEventListener('over', () => {
      isOver = true;
      leave();
      say('over');
    });
    source.addEventListener('error', () => {
      // while it is connecting the browser comes back by itself: a server ends each stream now and then
      if (source?.readyState !== EventSource.CLOSED) return;
      leave();
      say('lost');
      waking = setTimeout(comeBack, pauseMs);
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    });
  };

  // an event source does not tell why it was refused: who is signed out is led to the sign-in page
  const comeBack = async () => {
    const stopping = new AbortController();
    const answer = await fetch(page.dataset.live, { signal: stopping.signal }).catch(() => null);
    stopping.abort();
    if (answer?.status === 401) globalThis.location.reload();
    else follow();
  };

  const watch = () => {
    if (source === null) return;
    const silentMs = Date.now() - lastHeardMs;
    if (source.readyState !== EventSource.OPEN && silentMs > LOST_AFTER_MS) say('lost');
    if (silentMs <= QUIET_MS) return;
    say('lost');
    leave();
    follow();
  };

  if (page !== null) {
    follow();
    setInterval(watch, 2_000);
    globalThis.addEventListener('pagehide', leave);
    globalThis.addEventListener('pageshow', follow);
    // browsers open six connections to a server, for all tabs together
    document.addEventListener('visibilitychange', () => (document.hidden ? leave() : follow()));
  }
}
