// Upload by drop with progress and stop. Without this file the form posts as usual.
"use strict";
(() => {
  document.documentElement.classList.add("js");
  const form = document.getElementById("upload-form");
  if (!form) return;
  const input = document.getElementById("file");
  const drop = document.getElementById("drop");
  const state = document.getElementById("up-state");
  const words = document.getElementById("up-words");
  const bar = document.getElementById("up-bar");
  const spent = document.getElementById("up-time");
  const leave = document.getElementById("up-leave");
  let request = null;
  let began = 0;
  let ticking = null;

  function stage(number) {
    for (const n of [1, 2, 3]) {
      const item = document.getElementById(`up-${n}`);
      item.classList.toggle("on", n === number);
      item.classList.toggle("dn", n < number);
    }
  }

  // Text is read at about 40 kB a second on a slow machine; the guess is only a guess, and says "about".
  function tick() {
    const seconds = Math.round((Date.now() - began) / 1000);
    const left = Math.round(input.files.length ? 3 + input.files[0].size / 40000 : 5) - seconds;
    if (seconds < 3) { spent.textContent = ""; return; }
    spent.textContent = words.dataset.spent.replace("#", seconds) +
      (left > 0 ? " · " + words.dataset.left.replace("#", Math.min(left, 600)) : "");
    if (seconds >= 4 && !bar.hasAttribute("value")) stage(3);
    if (seconds >= 10 && !bar.hasAttribute("value")) {
      leave.hidden = false;
      words.textContent = words.dataset.reading + " " + words.dataset.leave;
    }
  }

  function rest() {
    clearInterval(ticking);
    ticking = null;
    spent.textContent = "";
    leave.hidden = true;
  }

  function send() {
    if (!input.files.length || request) return;
    state.hidden = false;
    request = new XMLHttpRequest();
    request.open("POST", form.action || location.href);
    request.setRequestHeader("X-Requested-With", "upload");
    words.textContent = words.dataset.sending;
    began = Date.now();
    stage(1);
    ticking = setInterval(tick, 500);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) bar.value = Math.round((100 * event.loaded) / event.total);
    };
    request.upload.onload = () => { bar.removeAttribute("value"); words.textContent = words.dataset.reading; stage(2); };
    request.onerror = () => { rest(); words.textContent = words.dataset.failed; bar.value = 0; request = null; };
    request.onload = () => {
      const to = request.getResponseHeader("X-Location");
      request.onload = null;
      rest();
      if (to) { location.assign(to); return; }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const found = page.getElementById("error-summary");
      const shown = document.getElementById("error-summary");
      if (shown) shown.remove();
      if (found) { form.before(document.adoptNode(found)); document.getElementById("error-summary").focus(); }
      state.hidden = !found ? false : true;
      if (!found) words.textContent = words.dataset.failed;
      const fresh = page.querySelector("#upload-form input[name=_key]");
      if (fresh) form.elements._key.value = fresh.value;
      bar.value = 0;
      input.value = "";
      request = null;
    };
    request.send(new FormData(form));
  }

  document.getElementById("up-cancel").addEventListener("click", () => {
    if (request) request.abort();
    rest();
    request = null;
    state.hidden = true;
    input.value = "";
  });
  input.addEventListener("change", send);
  form.addEventListener("submit", (event) => { if (input.files.length) { event.preventDefault(); send(); } });
  for (const kind of ["dragover", "dragenter"]) {
    document.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; send(); }
  });
})();
