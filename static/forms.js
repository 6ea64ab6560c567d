// What forms add where there is a script: the sum of what is ticked, a box that ticks all, and a password that can be seen.
// Every form works without this file.
(() => {
  "use strict";

  const money = (cents, currency) =>
    new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency }).format(cents / 100);

  const priced = (form) => [...form.querySelectorAll("input[data-cents]")];

  // The sum of a form: tickets of one type times how many, or the tickets that are ticked.
  const sum = (form, out) => {
    const { currency, free, most } = out.dataset;
    const ticked = priced(form).filter((box) => box.checked);
    const write = (cents) => (cents > 0 || !free ? money(cents, currency) : free);
    let text = "";
    if (most !== undefined) {
      const cents = ticked.reduce((all, box) => all + Number(box.dataset.cents), 0);
      text = write(Math.min(cents, Number(most)));
    } else if (ticked.length > 0) {
      const count = Number(form.elements.quantity.value), each = Number(ticked[0].dataset.cents);
      text = count + " × " + write(each) + (count > 1 && each > 0 ? " = " + write(count * each) : "");
    } else return;
    if (out.textContent !== text) out.textContent = text;
  };

  // The box that ticks all follows the others.
  const tickAll = (form, pressed) => {
    const all = form.querySelector("input[data-all]");
    if (!all) return;
    const boxes = priced(form);
    if (pressed === all) for (const box of boxes) box.checked = all.checked;
    else all.checked = boxes.every((box) => box.checked);
  };

  const follow = (form, pressed) => {
    tickAll(form, pressed);
    for (const out of form.querySelectorAll("output[data-currency]")) sum(form, out);
  };

  const wake = () => {
    for (const hidden of document.querySelectorAll("[data-sum], .reveal")) hidden.hidden = false;
    for (const out of document.querySelectorAll("form output[data-currency]")) follow(out.closest("form"));
  };

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && form.querySelector("output[data-currency]")) follow(form, event.target);
  });

  document.addEventListener("change", (event) => {
    const { reveal } = event.target.dataset;
    if (reveal) document.getElementById(reveal).type = event.target.checked ? "text" : "password";
  });

  // Sent as a password, so that the browser keeps it as one and not among the words that it offers again.
  document.addEventListener("submit", (event) => {
    for (const box of event.target.querySelectorAll("input[data-reveal]")) {
      box.checked = false;
      document.getElementById(box.dataset.reveal).type = "password";
    }
  });

  document.addEventListener("htmx:load", wake);
  addEventListener("pageshow", wake); // also when the browser brings back a page with what was chosen on it
  wake();
})();
