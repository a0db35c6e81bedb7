/* A paper being sat: each answer is saved as it is given, and the time left is told; without this script the buttons do the same. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-save]");
  if (!form) return;
  const state = document.getElementById("saved");
  const clock = document.getElementById("left");
  const live = document.getElementById("live");
  const ends = Date.now() + Number(clock.dataset.seconds) * 1000;

  async function save(number) {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    body.append("number", number);
    form.querySelectorAll(`[name="q${number}"]:checked`).forEach((i) => body.append(`q${number}`, i.value));
    try {
      const answer = await fetch(form.dataset.save, { method: "POST", body, credentials: "same-origin" });
      const said = await answer.json();
      state.textContent = answer.ok ? `${state.dataset.ok}${said.answered}` : said.text;
    } catch {
      state.textContent = state.dataset.failed;
    }
  }
  form.addEventListener("change", (e) => {
    const name = e.target.name || "";
    if (name.startsWith("q")) save(name.slice(1));
  });

  let told = "";
  function tick() {
    const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
    const minutes = String(Math.floor(left / 60)).padStart(2, "0");
    clock.textContent = `${minutes}:${String(left % 60).padStart(2, "0")}`;
    for (const at of [300, 60]) {
      if (left === at && told !== String(at)) {
        told = String(at);
        live.textContent = clock.dataset.word + clock.textContent;
      }
    }
    if (left === 0) form.querySelector("[data-over]").hidden = false;
    else setTimeout(tick, 1000 - (Date.now() % 1000));
  }
  tick();
})();
