// What a page does by itself: countdowns by the server's clock, an order that is followed live or asked about, a word when
// there is no connection, and the copy button. Every page works without this file.
(() => {
  "use strict";

  const now = () => performance.now(); // no clock that anybody can set
  const find = (selector, root = document) => root.querySelector(selector);
  const write = (el, text) => { if (el.textContent !== text) el.textContent = text; };
  // A third of chance either way keeps a crowd that waits together from asking together.
  const jitter = (ms) => ms * (0.67 + Math.random() * 0.66);
  const growing = (first, times) => jitter(Math.min(first * 2 ** times, 60000));

  // The server's clock: what it was, and when that was heard. The first page says the time at which its answer began.
  let clock = { server: Date.now(), at: 0 };
  const serverNow = () => clock.server + now() - clock.at;
  const hearClock = (server, at = now()) => { if (server) clock = { server, at }; };

  // A computer that slept may not have counted meanwhile, and one whose clock was set may have: only the server knows.
  let drift = Date.now() - now();
  const watchClock = async () => {
    const seen = Date.now() - now();
    if (Math.abs(seen - drift) < 2000) return;
    drift = seen;
    const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
    if (answer) hearClock(Date.parse(answer.headers.get("Date")));
  };

  const two = (n) => String(n).padStart(2, "0");

  // The same form as views.Countdown.
  const countdown = (ms) => {
    const s = Math.max(0, Math.floor(ms / 1000));
    const rest = two(Math.floor(s / 60) % 60) + ":" + two(s % 60);
    if (s >= 86400) return Math.floor(s / 86400) + " d " + two(Math.floor(s / 3600) % 24) + ":" + rest;
    if (s >= 3600) return two(Math.floor(s / 3600)) + ":" + rest;
    return rest;
  };

  const say = (words) => write(find("#say"), words);

  // When each countdown next tells its region that zero was reached; a region that is still there asks again.
  const nextAsk = new WeakMap();

  const count = () => {
    for (const el of document.querySelectorAll("[data-until]")) {
      const left = Number(el.dataset.until) - serverNow();
      const text = countdown(left);
      if (el.textContent !== text) {
        if (el.closest("#order")) document.title = document.title.replace(el.textContent, text);
        el.textContent = text;
      }
      const deadline = el.closest("[data-warn]");
      if (deadline) warn(JSON.parse(deadline.dataset.warn), left);
      if (left > 0) continue;
      // Up to a second of chance spreads a crowd whose clocks all reach zero together.
      if (!nextAsk.has(el)) nextAsk.set(el, now() + Math.random() * 1000);
      if (now() < nextAsk.get(el)) continue;
      nextAsk.set(el, now() + 2000 + Math.random() * 2000);
      htmx.trigger(el.closest("[hx-get]"), el.dataset.atZero);
    }
  };

  // Who hears the page instead of seeing it is told when 5, 2 and 1 minutes are left. At 2, the page offers more time first.
  let leftBefore = 0;
  const warn = (words, left) => {
    const passed = [1, 2, 5].find((minutes) => left <= minutes * 60000 && leftBefore > minutes * 60000);
    leftBefore = left;
    if (!passed) return;
    say(words[passed]);
    if (passed === 2) setTimeout(() => htmx.trigger("#order", "look"), Math.random() * 2000);
  };

  // An order's page. One that is looked at follows its order by server-sent events; one that is hidden, or that they do
  // not reach, asks as seldom as the server says. Nothing heard for this long means that there is no connection.
  const region = find("[data-live]");
  const order = region && find("#order");
  const silence = 7000;
  let stream = null, openedAt = 0, streaming = false;
  let failures = 0, misses = 0, firstPause = 1000; // of streams and of asking
  let nextStream = 0, nextLook = Infinity;
  let reached = true, heardAt = 0, awakeAt = 0, heard = "";

  const hear = () => {
    reached = true;
    heardAt = now();
    heard = new Date(serverNow()).toLocaleTimeString(document.documentElement.lang);
  };

  const ended = () => !find("[data-look]", order);

  const planLook = () => { nextLook = ended() ? Infinity : now() + jitter(Number(find("[data-look]", order).dataset.look)); };

  const follow = () => {
    openedAt = now();
    stream = new EventSource(region.dataset.live);
    const on = (name, act) => stream.addEventListener(name, (event) => {
      streaming = true;
      nextLook = Infinity;
      act(event);
      hear();
    });
    on("order", (event) => replace(event.data));
    on("gone", () => htmx.trigger(order, "look"));
    on("beat", (event) => {
      const said = JSON.parse(event.data);
      hearClock(said.now);
      firstPause = said.pause;
      failures = 0;
    });
    stream.addEventListener("close", () => { // nothing is going to change
      unfollow();
      nextStream = Infinity;
    });
    stream.addEventListener("busy", () => { // other tabs follow it already: this one asks
      unfollow();
      nextStream = now() + jitter(60000);
    });
    stream.onerror = lose;
  };

  const unfollow = () => {
    if (stream) stream.close();
    stream = null;
    streaming = false;
    if (nextLook === Infinity) planLook();
  };

  const lose = () => {
    const first = streaming || failures === 0;
    unfollow();
    nextStream = now() + growing(firstPause, failures++);
    if (!first) return;
    reached = false; // until an answer shows that only the stream is lost
    nextLook = Math.min(nextLook, now() + 2000 + Math.random() * 3000);
  };

  const keepUp = () => {
    if (!order) return;
    if (ended()) {
      if (stream) unfollow();
    } else if (!stream && !document.hidden && now() >= nextStream) {
      follow();
    } else if (stream && now() - (streaming ? heardAt : openedAt) > (streaming ? silence : 2 * silence)) {
      lose();
    }
    if (!streaming && now() >= nextLook) {
      nextLook = now() + jitter(15000); // if no answer plans the next one
      htmx.trigger(order, "look");
    }
    const lost = !reached && now() - Math.max(heardAt, awakeAt) > silence;
    region.classList.toggle("lost", lost && !ended());
    const news = find("#news"), words = order.firstElementChild.dataset;
    news.hidden = ended();
    write(news.firstElementChild, lost ? words.lost : streaming ? words.streaming : words.asking);
    write(news.lastElementChild, heard);
  };

  document.addEventListener("htmx:afterRequest", (event) => {
    if (!order || event.detail.elt !== order) return;
    if (event.detail.successful) {
      misses = 0;
      hear();
      if (!streaming) planLook();
      return;
    }
    reached = false;
    nextLook = now() + growing(2000, misses++);
  });

  document.addEventListener("visibilitychange", () => {
    if (!order) return;
    if (document.hidden) return unfollow(); // a browser has few connections to a site
    awakeAt = now();
    nextStream = 0;
    tick();
  });

  window.addEventListener("offline", () => { reached = false; });
  window.addEventListener("online", () => { nextStream = nextLook = Math.min(nextStream, now() + Math.random() * 2000); });

  // Who was inside what is replaced stays where she was or, if that is gone, comes to its heading.
  let inside = null;
  const noteFocus = () => { inside = order && order.contains(document.activeElement) ? document.activeElement : null; };

  const restoreFocus = () => {
    if (!inside || document.activeElement !== document.body) return;
    const place = inside.isConnected ? inside : inside.id && document.getElementById(inside.id) || find("h1", order);
    inside = null;
    place.focus({ preventScroll: true });
  };

  const replace = (part) => {
    noteFocus();
    htmx.swap(order, part, { swapStyle: "innerHTML" });
  };

  document.addEventListener("htmx:beforeSwap", noteFocus);

  // A look that brought no news is not read aloud again.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    if (target.id === "say" && target.textContent === fragment.textContent) event.detail.shouldSwap = false;
  });

  // What cannot be found any more is told by the page itself.
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 404) location.reload();
  });

  // A form that cannot be sent says so here, instead of losing the page. An order's page is tried first: what is pressed
  // there matters most, and it is open for long.
  const sure = new WeakSet();
  document.addEventListener("submit", async (event) => {
    const form = event.target, button = event.submitter;
    if (form.method !== "post" || sure.delete(form)) return;
    if (navigator.onLine && !form.closest("[data-live]")) return;
    event.preventDefault();
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(5000) }).catch(() => null);
    const again = button && !button.isConnected ? document.getElementById(button.id) : button;
    const target = again ? again.form : form;
    if (answer) {
      sure.add(target);
      target.requestSubmit(again);
      return;
    }
    for (const old of document.querySelectorAll(".cut")) old.remove();
    target.before(find("#cut").content.cloneNode(true));
    target.previousElementSibling.scrollIntoView({ block: "nearest" });
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const code = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch { // it may not: she copies it herself
      code.closest("details").open = true;
      getSelection().selectAllChildren(code);
      return;
    }
    write(button, button.dataset.copied);
    say(button.dataset.copied);
  });

  // One who holds the phone that pays copies the code; before a larger screen, she points it at the picture.
  const phone = matchMedia("(max-width: 47.99rem), (pointer: coarse)");

  const wake = (root) => {
    for (const b of root.querySelectorAll("button[data-copy]")) b.hidden = !navigator.clipboard;
    if (!phone.matches) for (const d of root.querySelectorAll("details[data-at-desk]")) d.open = true;
    count();
  };

  const tick = () => {
    watchClock();
    count();
    keepUp();
  };

  document.addEventListener("htmx:load", ({ detail }) => {
    const told = detail.elt.closest("[data-now]") || find("[data-now]", detail.elt);
    if (told && told !== document.documentElement) hearClock(Number(told.dataset.now));
    wake(detail.elt);
    restoreFocus();
  });

  const [opening] = performance.getEntriesByType("navigation");
  hearClock(Number(document.documentElement.dataset.now), opening ? opening.responseStart : now());
  if (order) {
    hear();
    planLook();
  }
  wake(document);
  tick();
  setInterval(tick, 250);
})();
