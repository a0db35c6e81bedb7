// The command box: the search form works without this; here the token of the page goes with htmx requests.
"use strict";
(() => {
  const token = () => (document.querySelector("input[name=csrfmiddlewaretoken]") || {}).value || "";
  document.addEventListener("htmx:configRequest", (e) => { e.detail.headers["X-CSRFToken"] = token(); });
  document.addEventListener("htmx:afterSwap", (e) => {
    const words = e.detail.target.dataset.announce;
    if (words) document.getElementById("live").textContent = words;
  });
  const box = document.getElementById("gs");
  const list = document.getElementById("cmd");
  if (!box || !list) return;
  const form = box.closest("form");
  const shut = () => { list.textContent = ""; };
  document.addEventListener("htmx:afterSwap", (e) => {
    if (e.detail.target === list) document.getElementById("live").textContent = String(list.querySelectorAll("a").length);
  });
  form.addEventListener("keydown", (e) => {
    if (e.isComposing) return;
    const links = [...list.querySelectorAll("a")];
    if (e.key === "Escape") { shut(); box.focus(); box.blur(); }
    if (!links.length || (e.key !== "ArrowDown" && e.key !== "ArrowUp")) return;
    e.preventDefault();
    const at = links.indexOf(document.activeElement) + (e.key === "ArrowDown" ? 1 : -1);
    if (at < 0) box.focus(); else links[Math.min(at, links.length - 1)].focus();
  });
  document.addEventListener("click", (e) => { if (!form.contains(e.target)) shut(); });
})();
