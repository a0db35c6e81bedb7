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
  let request = null;

  function send() {
    if (!input.files.length || request) return;
    state.hidden = false;
    request = new XMLHttpRequest();
    request.open("POST", form.action || location.href);
    request.setRequestHeader("X-Requested-With", "upload");
    words.textContent = words.dataset.sending;
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) bar.value = Math.round((100 * event.loaded) / event.total);
    };
    request.upload.onload = () => { bar.removeAttribute("value"); words.textContent = words.dataset.reading; };
    request.onerror = () => { words.textContent = words.dataset.failed; bar.value = 0; request = null; };
    request.onload = () => {
      const to = request.getResponseHeader("X-Location");
      request.onload = null;
      if (to) { location.assign(to); return; }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const found = page.getElementById("error-summary");
      const shown = document.getElementById("error-summary");
      if (shown) shown.remove();
      if (found) { form.before(document.adoptNode(found)); document.getElementById("error-summary").focus(); }
      state.hidden = !found ? false : true;
      if (!found) words.textContent = words.dataset.failed;
      const fresh = page.querySelector("input[name=key]");
      if (fresh) form.elements.key.value = fresh.value;
      bar.value = 0;
      input.value = "";
      request = null;
    };
    request.send(new FormData(form));
  }

  document.getElementById("up-cancel").addEventListener("click", () => {
    if (request) request.abort();
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
