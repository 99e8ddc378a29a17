// What those have who have scripts: a search as one types, and keys. Nothing here is
// needed: every page is whole without it.
"use strict";

const box = document.querySelector("#q");
const typing = e => e.target.closest("input, textarea, select, [contenteditable]");

// The search as one types: the page that the server would send, in this one's place.
let asked = 0, last = box && box.value.trim();
async function find() {
  const words = box.value.trim();
  if (words === last) return;
  last = words;
  const mine = ++asked, to = "/?" + new URLSearchParams(new FormData(box.form));
  try {
    const answer = await fetch(to, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asked || answer.status === 401) return; // more has been typed since
    for (const part of ["main", "header nav"]) document.querySelector(part).replaceWith(document.adoptNode(page.querySelector(part)));
    document.title = page.title;
    history.replaceState(null, "", to);
  } catch { } // Enter asks again
}
let soon;
box?.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(find, 200); });

const papers = () => [...document.querySelectorAll("h3 a")];
function step(by) {
  const all = papers();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
  next.focus();
  next.closest(".paper").scrollIntoView({ block: "nearest" });
}
const current = () => { const a = document.activeElement; return papers().includes(a) ? a : null; };

// Save and unsave without leaving the place: of the page that comes back, the same button.
async function save(form) {
  try {
    const answer = await fetch(form.action, { method: "POST", credentials: "same-origin", body: new URLSearchParams(new FormData(form)) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html"), id = form.elements.paper.value;
    const now = [...page.querySelectorAll("form.save")].find(f => f.elements.paper?.value === id);
    if (!answer.ok) form.submit();
    else if (now) form.replaceChildren(...now.childNodes);
    else document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main"))); // it was the list
  } catch { form.submit(); }
}

document.addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key === "Escape" && e.target === box) { box.blur(); return; }
  if (typing(e)) return;
  switch (e.key) {
    case "/": box.focus(); box.select(); break;
    case "j": step(1); break;
    case "k": step(-1); break;
    case "o": { const to = current(); if (!to) return; location.assign(to.href); break; }
    case "s": {
      const form = (current()?.closest(".paper") || document.querySelector("article"))?.querySelector("form.save");
      if (!form) return;
      save(form);
      break;
    }
    case "m": {
      const to = current();
      if (to) location.assign(to.href + "#similar");
      else if (document.querySelector("#similar")) document.querySelector("#similar").scrollIntoView();
      else return;
      break;
    }
    default: return;
  }
  e.preventDefault();
});
