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
  if (box) box.addEventListener("keydown", (e) => { if (e.key === "Escape") box.blur(); });
})();
