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
  let sent = false;
  let stopping = false;

  function stage(number) {
    for (const n of [1, 2, 3]) {
      const item = document.getElementById(`up-${n}`);
      item.classList.toggle("on", n === number);
      item.classList.toggle("dn", n < number);
    }
  }

  const say = (name, one, all) => words.dataset[name].replace("##", all).replace("#", one);
  const million = (bytes) => (bytes / 1048576).toFixed(1);
  const key = () => form.elements._key.value;

  // Once the bytes are there the page asks how many pages are read; formats without pages tell paragraphs, or only when the text is out.
  async function ask() {
    const told = await fetch(`${words.dataset.progress}?key=${encodeURIComponent(key())}`).catch(() => null);
    const at = told && told.ok ? await told.json() : null;
    if (!at || !request || stopping || !sent) return;
    if (at.read) { stage(3); bar.removeAttribute("value"); words.textContent = words.dataset.comparing; }
    else if (at.total) { bar.value = Math.round((100 * at.done) / at.total); words.textContent = say(at.unit, at.done, at.total); }
  }

  function tick() {
    const seconds = Math.round((Date.now() - began) / 1000);
    if (seconds >= 3) spent.textContent = words.dataset.spent.replace("#", seconds);
    if (sent) ask();
    if (seconds >= 10 && sent) leave.hidden = false;
  }

  function rest() {
    clearInterval(ticking);
    ticking = null;
    sent = stopping = false;
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
    ticking = setInterval(tick, 700);
    request.upload.onprogress = (event) => {
      if (!event.lengthComputable) return;
      bar.value = Math.round((100 * event.loaded) / event.total);
      words.textContent = `${say("sent", million(event.loaded), million(event.total))} · ${bar.value}%`;
    };
    request.upload.onload = () => {
      sent = true;
      bar.removeAttribute("value");
      words.textContent = words.dataset.reading;
      stage(2);
    };
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

  // The file is there already: the server stops reading it and answers that nothing was kept.
  function halt() {
    stopping = true;
    words.textContent = words.dataset.stopping;
    const named = new FormData();
    named.set("key", key());
    named.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    fetch(words.dataset.stop, { method: "POST", body: named });
  }

  document.getElementById("up-cancel").addEventListener("click", () => {
    if (request && sent) { halt(); return; }
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
