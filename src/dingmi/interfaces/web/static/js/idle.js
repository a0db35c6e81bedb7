// The idle lock (UI §8): warn a minute before the session ends, one key extends it, then blank the page; what was
// typed stays in memory, and signing in again in the other tab brings it back.
"use strict";
(() => {
  const box = document.getElementById("idle");
  const minutes = Number(document.body.dataset.idle || 0);
  if (!box || !minutes || !box.showModal) return;
  const left = document.getElementById("idle-left");
  const locked = document.getElementById("idle-locked");
  let ends = Date.now() + minutes * 60000;
  const extend = async () => {
    const answer = await fetch("/account/stay", { credentials: "same-origin", redirect: "manual" }).catch(() => null);
    if (!answer || answer.status !== 204) return false;
    ends = Date.now() + minutes * 60000;
    document.body.classList.remove("locked");
    locked.hidden = true;
    if (box.open) box.close();
    return true;
  };
  const tick = () => {
    const seconds = Math.ceil((ends - Date.now()) / 1000);
    if (seconds > 60) return;
    if (!box.open) box.showModal();
    left.textContent = String(Math.max(0, seconds));
    if (seconds > 0) return;
    document.body.classList.add("locked");
    locked.hidden = false;
  };
  box.addEventListener("cancel", (e) => { e.preventDefault(); });
  box.addEventListener("keydown", (e) => {
    if (e.key === "Tab" || e.target.closest("a")) return;
    e.preventDefault();
    extend();
  });
  document.getElementById("idle-stay").addEventListener("click", extend);
  document.addEventListener("htmx:afterRequest", () => { ends = Date.now() + minutes * 60000; });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && document.body.classList.contains("locked")) extend(); });
  setInterval(tick, 1000);
})();
