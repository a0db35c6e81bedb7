// Keys of the 审核台: 1–4 verdict, ] [ findings and unresolved threads (C comments, see points.js); the comparison opens after the first reading.
"use strict";
(() => {
  const form = document.querySelector("form[data-review]");
  if (!form) return;

  function show() {
    const chosen = form.querySelector("input[name=verdict]:checked");
    form.querySelectorAll("[data-for]").forEach((part) =>
      part.classList.toggle("show", Boolean(chosen) && part.dataset.for === chosen.value));
  }
  form.addEventListener("change", (event) => { if (event.target.name === "verdict") show(); });
  show();

  const late = form.querySelector("details[data-delay]");
  if (late) setTimeout(() => { late.open = true; }, Number(late.dataset.delay) * 1000);

  let at = -1;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.keyCode === 229) return;
    if (event.target.closest("input:not([type=radio]), textarea, select")) return;
    const key = dingmiKey(event);
    if (/^[1-5]$/.test(key)) {
      const radio = form.querySelector(`input[name=verdict][data-key="${key}"]`);
      if (radio) { radio.checked = true; radio.focus(); show(); event.preventDefault(); }
    } else if (key === "]" || key === "[") {
      const all = [...form.querySelectorAll(".fdg"), ...document.querySelectorAll("[data-thread-box]:not(.done)")];
      if (!all.length) {
        const other = document.querySelector("[data-following]");
        if (key === "]" && other) other.click();
        return;
      }
      at = (at + (key === "]" ? 1 : -1) + all.length) % all.length;
      all[at].focus();
      all[at].scrollIntoView({ block: "nearest" });
      event.preventDefault();
    }
  });
})();
