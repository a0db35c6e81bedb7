// The keyboard map (UI §9). Single keys are off while typing, composing, or when the reader turned them off.
"use strict";
(() => {
  const single = document.body.dataset.keys !== "off";
  const go = { w: "/workbench", s: "/review", t: "/matters", d: "/expiry" };
  let waiting = false;
  // The reader's own keys: which key stands for which; a key that was moved away or turned off does nothing.
  const map = JSON.parse(document.body.dataset.map || "{}");
  const meant = (key) => Object.keys(map).find((k) => map[k] === key) || (key in map ? "" : key);
  // What a key pressed on a page stands for; the scripts of single pages ask this too. Digits choose among what is shown.
  window.dingmiKey = (e) => (single ? meant(e.key.length === 1 ? e.key.toLowerCase() : e.key) : "");
  const typing = (e) => e.isComposing || e.target.closest("input, textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((r) => r.classList.contains("foc"));
    const next = Math.max(0, Math.min(all.length - 1, at + step));
    all.forEach((r) => r.classList.remove("foc"));
    all[next].classList.add("foc");
    all[next].scrollIntoView({ block: "nearest" });
    const link = all[next].querySelector("a");
    if (link) link.focus({ preventScroll: true });
  };
  const help = () => {
    const box = document.getElementById("keys");
    if (box && box.showModal) box.showModal();
  };
  const acts = {
    j: () => move(1),
    k: () => move(-1),
    "?": help,
    n: () => { const a = document.querySelector("[data-key=n]"); if (a) a.click(); },
    "/": () => { const f = document.getElementById("filter"); if (f) f.focus(); },
    b: () => document.dispatchEvent(new CustomEvent("dingmi:key", { detail: "b" })),
    X: () => document.dispatchEvent(new CustomEvent("dingmi:key", { detail: "X" })),
    x: () => { const b = document.querySelector("[data-row].foc input[type=checkbox]"); if (b) b.click(); },
    escape: () => document.querySelectorAll("[data-row] input[type=checkbox]:checked").forEach((b) => b.click()),
    enter: () => { const a = document.querySelector("[data-row].foc a"); if (a) a.click(); },
  };
  document.addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.altKey || e.metaKey) return;
    if (e.ctrlKey && e.key.toLowerCase() === "k") {
      const box = document.getElementById("gs");
      if (box) { e.preventDefault(); box.focus(); box.select(); }
      return;
    }
    if (e.ctrlKey || !single || typing(e) || document.querySelector("dialog[open]")) return;
    const key = meant(e.key.toLowerCase());
    if (key === "enter" && (!document.querySelector("[data-row].foc") || e.target.closest("a, button, summary"))) return;
    if (waiting) {
      waiting = false;
      if (go[key]) { e.preventDefault(); location.assign(go[key]); }
      return;
    }
    if (key === "g") { waiting = true; setTimeout(() => { waiting = false; }, 1200); return; }
    if (e.shiftKey && acts[e.key]) { e.preventDefault(); acts[e.key](); return; }
    if (acts[key]) { e.preventDefault(); acts[key](); }
  });
  // Pages print the keys as they are at first; what the reader moved or turned off is printed as the reader has it.
  const print = () => document.querySelectorAll("kbd:not([data-at])").forEach((k) => {
    const key = k.textContent.trim().toLowerCase();
    const after = k.previousElementSibling;
    k.dataset.at = key;
    if (!(key in map) || (after && after.textContent.trim() === "Ctrl")) return;
    if (map[key]) k.textContent = map[key].toUpperCase(); else k.hidden = true;
  });
  print();
  document.addEventListener("htmx:afterSwap", print);
  document.querySelectorAll("[data-undo]").forEach((f) => setTimeout(() => f.remove(), 10000));
  const fault = document.getElementById("error-summary");
  if (fault) fault.focus();
  const line = document.querySelector("[data-row]");
  if (line && !document.querySelector("[data-row].foc")) line.classList.add("foc");
})();
