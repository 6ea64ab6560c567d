// Countdowns by the server's clock, what happens when they reach zero, asking when live updates do not come, and the copy
// button. Every page works without this file.
(() => {
  "use strict";

  // How far the server's clock is ahead of this one. A page is always a little old when it arrives,
  // so the largest difference seen is the nearest to the truth.
  let offset = -Infinity;

  const hearClock = (root) => {
    for (const el of [root, ...root.querySelectorAll("[data-now]")]) {
      const now = Number(el.dataset && el.dataset.now);
      if (now) offset = Math.max(offset, now - Date.now());
    }
  };

  const two = (n) => String(n).padStart(2, "0");

  // The same form as views.Countdown.
  const write = (ms) => {
    const s = Math.max(0, Math.floor(ms / 1000));
    const clock = two(Math.floor(s / 60) % 60) + ":" + two(s % 60);
    if (s >= 86400) return Math.floor(s / 86400) + " d " + two(Math.floor(s / 3600) % 24) + ":" + clock;
    if (s >= 3600) return two(Math.floor(s / 3600)) + ":" + clock;
    return clock;
  };

  // When each countdown next tells its region that zero was reached; a region that is still there asks again.
  const nextTry = new WeakMap();

  const tick = () => {
    for (const el of document.querySelectorAll("[data-until]")) {
      const left = Number(el.dataset.until) - (Date.now() + offset);
      const text = write(left);
      if (el.textContent !== text) el.textContent = text;
      if (left > 0) continue;
      // Up to a second of chance spreads a crowd whose clocks all reach zero together.
      if (!nextTry.has(el)) nextTry.set(el, Date.now() + Math.random() * 1000);
      if (Date.now() < nextTry.get(el)) continue;
      nextTry.set(el, Date.now() + 2000 + Math.random() * 2000);
      htmx.trigger(el.closest("[hx-get]"), el.dataset.atZero);
    }
  };

  // A page whose live updates do not come through asks by itself, as seldom as the server says. A third of chance either
  // way keeps a crowd that lost its updates together from asking together.
  let live = false;
  let nextLook = Infinity;

  const planLook = (root) => {
    const el = root.querySelector("[data-look]");
    if (el) nextLook = Date.now() + Number(el.dataset.look) * (0.67 + Math.random() * 0.66);
  };

  const look = () => {
    if (live || Date.now() < nextLook) return;
    nextLook = Infinity;
    const order = document.querySelector("[sse-connect] [hx-get]");
    if (!order) return;
    planLook(order);
    htmx.trigger(order, "look");
  };

  document.addEventListener("htmx:sseMessage", () => { live = true; });
  document.addEventListener("htmx:sseError", () => {
    if (live) planLook(document);
    live = false;
  });

  // A look that brought no news is not read aloud again.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    if (target.id === "say" && target.textContent === fragment.textContent) event.detail.shouldSwap = false;
  });

  // What cannot be found any more is told by the page itself.
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 404) location.reload();
  });

  const showCopy = (root) => {
    if (!navigator.clipboard) return;
    for (const b of root.querySelectorAll("button[data-copy]")) b.hidden = false;
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.copied;
    document.getElementById("say").textContent = button.dataset.copied;
  });

  const wake = (root) => {
    hearClock(root);
    showCopy(root);
    tick();
  };

  document.addEventListener("htmx:load", (event) => wake(event.detail.elt));
  wake(document.documentElement);
  planLook(document);
  setInterval(() => {
    tick();
    look();
  }, 250);
})();
