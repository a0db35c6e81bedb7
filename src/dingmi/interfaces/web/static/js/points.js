// 选文标密点、批注：by mouse selection, or by keyboard in caret mode (M, arrows, Shift+arrows, Enter, Esc).
// Every flow works without this file: lists under the paper mark or comment on whole paragraphs.
"use strict";
(() => {
  const paper = () => document.getElementById("paper");
  let caret = false;
  let chosen = null;

  const typing = (event) =>
    event.isComposing || event.keyCode === 229 ||
    event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");

  // Where a place of the document stands in the text: the piece around it knows its first character.
  function offset(node, at) {
    const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    const piece = element.closest("[data-o]");
    if (piece) {
      const before = document.createRange();
      before.setStart(piece, 0);
      before.setEnd(node, at);
      return Number(piece.dataset.o) + before.toString().length;
    }
    const all = [...paper().querySelectorAll("[data-o]")];
    const spot = document.createRange();
    spot.setStart(node, at);
    const next = all.find((p) => spot.comparePoint(p, 0) >= 0);
    return next ? Number(next.dataset.o) : -1;
  }

  function selected() {
    const sel = document.getSelection();
    if (!sel || sel.isCollapsed || !sel.rangeCount) return null;
    const range = sel.getRangeAt(0);
    if (!paper() || !paper().contains(range.commonAncestorContainer)) return null;
    const start = offset(range.startContainer, range.startOffset);
    const last = [...paper().querySelectorAll("[data-o]")].pop();
    const tail = offset(range.endContainer, range.endOffset);
    const end = tail >= 0 ? tail : Number(last.dataset.o) + last.textContent.length;
    const words = range.toString().replace(/\s+/g, " ").trim();
    return start >= 0 && end > start && words ? { start, end, words } : null;
  }

  function openMarker(span) {
    const form = document.getElementById("marker");
    if (!form || !span) return;
    form.hidden = false;
    document.getElementById("marker-span").value = `${span.start}-${span.end}`;
    document.getElementById("marker-words").textContent = `“${span.words.slice(0, 60)}”`;
    document.getElementById("marker-basis").focus();
  }

  function openSay(span) {
    const fold = document.getElementById("say-fold");
    if (!fold) return false;
    fold.open = true;
    const list = document.getElementById("say-span");
    const shown = document.getElementById("say-words");
    const old = list.querySelector("option[data-chosen]");
    if (old) old.remove();
    if (span) {
      const one = new Option(`“${span.words.slice(0, 24)}”`, `${span.start}-${span.end}`, true, true);
      one.dataset.chosen = "1";
      list.add(one, 1);
      shown.textContent = `“${span.words.slice(0, 120)}”`;
    }
    shown.hidden = !span;
    (span ? document.getElementById("say-text") : list).focus();
    return true;
  }

  function bar() {
    let mark = document.getElementById("caret-bar");
    if (!mark) {
      mark = document.createElement("span");
      mark.id = "caret-bar";
      mark.setAttribute("aria-hidden", "true");
      paper().append(mark);
    }
    return mark;
  }

  function drawCaret() {
    const sel = document.getSelection();
    const mark = bar();
    if (!caret || !sel.rangeCount) { mark.hidden = true; return; }
    const focus = document.createRange();
    focus.setStart(sel.focusNode, sel.focusOffset);
    const box = focus.getClientRects()[0] || focus.startContainer.parentElement.getBoundingClientRect();
    const home = paper().getBoundingClientRect();
    mark.hidden = false;
    mark.style.left = `${box.left - home.left + paper().scrollLeft}px`;
    mark.style.top = `${box.top - home.top + paper().scrollTop}px`;
    mark.style.height = `${box.height || 22}px`;
    if (box.top < home.top || box.bottom > home.bottom) paper().scrollTop += box.top - home.top - home.height / 2;
  }

  function setCaret(on) {
    caret = on;
    const told = document.getElementById("caret-how");
    if (told) told.hidden = !on;
    if (on) {
      const sel = document.getSelection();
      const inside = sel.rangeCount && paper().contains(sel.focusNode);
      const first = paper().querySelector("mark.foc [data-o]") || paper().querySelector("p [data-o]");
      paper().focus({ preventScroll: true });
      if (!inside && first && first.firstChild) sel.collapse(first.firstChild, 0);
    }
    if (paper()) drawCaret();
  }

  function start() {
    const span = selected();
    if (span) openMarker(span); else setCaret(!caret);
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("#mark-go")) { event.preventDefault(); start(); }
    if (event.target.closest("#marker-close")) {
      document.getElementById("marker").hidden = true;
      document.getElementById("mark-go").focus();
    }
    const opener = event.target.closest("[data-open]");
    if (opener) {
      const fold = document.getElementById(opener.dataset.open);
      if (fold) { fold.open = true; fold.querySelector("summary").focus(); event.preventDefault(); }
    }
  });
  // The button must not take the selection away before it is read.
  document.addEventListener("mousedown", (event) => { if (event.target.closest("#mark-go")) event.preventDefault(); });

  const moves = {
    ArrowLeft: ["backward", "character"], ArrowRight: ["forward", "character"],
    ArrowUp: ["backward", "line"], ArrowDown: ["forward", "line"],
    Home: ["backward", "lineboundary"], End: ["forward", "lineboundary"],
  };
  document.addEventListener("keydown", (event) => {
    if (caret && paper() && document.activeElement === paper()) {
      const move = moves[event.key];
      if (move && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        event.stopImmediatePropagation();
        document.getSelection().modify(event.shiftKey ? "extend" : "move", move[0], move[1]);
        drawCaret();
        return;
      }
      if (event.key === "Escape") { setCaret(false); event.preventDefault(); return; }
      if (event.key === "Enter" && !event.ctrlKey) {
        const span = selected();
        if (span) { setCaret(false); event.preventDefault(); openMarker(span); }
        return;
      }
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
    const key = dingmiKey(event);
    if (key === "Escape" && document.getElementById("marker") && !document.getElementById("marker").hidden) {
      document.getElementById("marker").hidden = true;
    } else if (key === "m" && document.getElementById("mark-go")) {
      event.preventDefault();
      start();
    } else if (key === "c" && document.getElementById("say-fold")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      openSay(selected());
    } else if ((key === "]" || key === "[") && !document.querySelector("form[data-review]")) {
      step(key === "]" ? 1 : -1);
      event.preventDefault();
    }
  }, true);

  let at = -1;
  function step(by) {
    const open = [...document.querySelectorAll("[data-thread-box]:not(.done)")];
    if (!open.length) return;
    at = (at + by + open.length) % open.length;
    open[at].focus();
    open[at].scrollIntoView({ block: "center" });
  }

  // A swap keeps the reader's place in the text.
  document.addEventListener("htmx:beforeSwap", () => { chosen = paper() ? paper().scrollTop : null; });
  document.addEventListener("htmx:afterSettle", () => { if (chosen !== null && paper()) paper().scrollTop = chosen; });
})();
