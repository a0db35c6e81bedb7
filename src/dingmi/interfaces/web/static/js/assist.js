// Keys and highlighting of 逐项确认, 派生 and 审核台. Every flow works without this file.
"use strict";
(() => {
  document.documentElement.classList.add("js");
  const marks = () => [...document.querySelectorAll("#paper mark[data-ev]")];
  const numbers = () => [...new Set(marks().map((m) => Number(m.dataset.ev)))].sort((a, b) => a - b);
  let at = -1;

  const typing = (event) =>
    event.isComposing || event.keyCode === 229 ||
    event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");

  function light(wanted, name) {
    marks().forEach((m) => m.classList.toggle(name, wanted.includes(Number(m.dataset.ev))));
  }

  function step(by) {
    const all = numbers();
    if (!all.length) return;
    at = (at + by + all.length) % all.length;
    light([all[at]], "foc");
    const counter = document.getElementById("ev-now");
    if (counter) counter.textContent = String(all[at]);
    const first = marks().find((m) => Number(m.dataset.ev) === all[at]);
    if (first) first.scrollIntoView({ block: "nearest" });
    document.querySelectorAll("[data-evs]").forEach((c) =>
      c.classList.toggle("evh", c.dataset.evs.split(" ").includes(String(all[at]))));
  }

  const evidenceOf = (node) => {
    const card = node.closest ? node.closest("[data-evs]") : null;
    return card && card.dataset.evs ? card.dataset.evs.split(" ").map(Number) : [];
  };
  for (const kind of ["mouseover", "focusin"]) {
    document.addEventListener(kind, (event) => light(evidenceOf(event.target), "evh"));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) step(Number(button.dataset.step));
  });

  // What was pressed before may still be on its way: the signature waits for the page that it brings.
  function sign() {
    const form = document.querySelector("form[data-sign]");
    if (!form) return false;
    if (document.querySelector(".htmx-request")) {
      document.addEventListener("htmx:afterSettle", sign, { once: true });
      return true;
    }
    const secret = form.querySelector("input[type=password]");
    if (secret && !secret.value) { secret.focus(); return true; }
    form.requestSubmit();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      const next = document.querySelector("[data-next]");
      event.preventDefault();
      if (next) next.click(); else sign();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
    const key = dingmiKey(event);
    if (key === "j") { step(1); event.preventDefault(); return; }
    if (key === "k") { step(-1); event.preventDefault(); return; }
    const area = document.querySelector("[data-assist]");
    if (!area) return;
    if (key === "/") {
      const words = document.getElementById("words");
      if (words) { words.focus(); event.preventDefault(); event.stopImmediatePropagation(); }
      return;
    }
    const button = key === "a"
      ? area.querySelector("[data-confirm]")
      : /^[0-9]$/.test(key) ? area.querySelector(`button[data-key="${key}"]`) : null;
    if (button) { event.preventDefault(); button.click(); }
  }, true);

  // A swap keeps the password that was being typed.
  let typed = null;
  document.addEventListener("htmx:beforeSwap", () => {
    const field = document.getElementById("password");
    typed = field && { value: field.value, focused: field === document.activeElement };
  });
  document.addEventListener("htmx:afterSwap", () => {
    const field = document.getElementById("password");
    if (!field || !typed) return;
    field.value = typed.value;
    if (typed.focused) field.focus();
  });

  const summary = document.getElementById("error-summary");
  if (summary) summary.focus();
})();
