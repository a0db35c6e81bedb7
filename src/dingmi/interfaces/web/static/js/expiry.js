// Expiry: how many are picked, range with Shift+X, and B: pick everything that may be signed together, then its first reason.
"use strict";
(() => {
  const boxes = () => [...document.querySelectorAll("input[name=row]")];
  const told = document.getElementById("picked");
  const count = () => { if (told) told.textContent = `${told.dataset.word} ${boxes().filter((b) => b.checked).length}`; };
  let last = null;
  const upTo = (box) => {
    const all = boxes(), from = all.indexOf(last), to = all.indexOf(box);
    if (from < 0 || to < 0) return;
    all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((b) => { b.checked = true; });
  };
  document.addEventListener("change", (e) => {
    if (e.target.name !== "row") return;
    last = e.target;
    count();
  });
  document.addEventListener("dingmi:key", (e) => {
    const line = document.querySelector("[data-row].foc input[name=row]");
    if (e.detail === "X" && line) { upTo(line); count(); }
    if (e.detail !== "b") return;
    boxes().forEach((b) => { b.checked = true; });
    count();
    const empty = [...document.querySelectorAll(".why")].find((i) => !i.value);
    const next = empty || document.querySelector("#batch input[type=password]");
    if (next) next.focus();
  });
  document.addEventListener("htmx:afterSwap", () => {
    const road = document.querySelector("#case");
    if (road) document.getElementById("live").textContent = road.dataset.announce || "";
  });
  count();
})();
