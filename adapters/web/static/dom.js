// What the other files share: finding elements, asking the server, and the strip
// above the message box in which things are told that are no messages.

export const $ = (q, in_ = document) => in_.querySelector(q);
export const $$ = (q, in_ = document) => [...in_.querySelectorAll(q)];
export const { channel, user, since, skin = '' } = document.body.dataset;
export const narrow = matchMedia('(max-width: 900px)');

const strip = $('#strip'), told = $('#notice'), newer = $('.newer');
let timer;

const drawStrip = () => { strip.hidden = !told.hasChildNodes() && newer.hidden; };

// notice tells something: text, or HTML that the server rendered. It goes after
// ten seconds, but not while somebody is at it; stay keeps it.
export function notice(text, { html = '', stay = false } = {}) {
  clearTimeout(timer);
  told.replaceChildren();
  if (html) told.innerHTML = html; else told.textContent = text;
  drawStrip();
  if ((text || html) && !stay) timer = setTimeout(function done() {
    if (strip.matches(':hover, :focus-within')) timer = setTimeout(done, 1000); else hush();
  }, 10000);
}

// hush takes away what the strip says.
export function hush() {
  const at = strip.contains(document.activeElement);
  clearTimeout(timer);
  told.replaceChildren();
  newer.hidden = true;
  drawStrip();
  if (at) $('#text').focus({ preventScroll: true });
}

// below says that there is something under what is seen; '' that there is not.
export function below(what) {
  newer.hidden = !what;
  if (what) newer.textContent = what;
  drawStrip();
}

export async function post(path, body = {}) {
  try {
    const r = await fetch(path, {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ as: user, channel, ...body }),
    });
    if (!r.ok) { notice((await r.text()).trim()); return null; }
    return r.status === 202 ? {} : await r.json();
  } catch {
    notice('The playground does not answer. Is it still running?');
    return null;
  }
}
