// Messages: what the server renders comes to its place, and what one looks at,
// and what has the focus, stay where they are. No HTML is made from text here.
import { $, $$, below, channel, notice, since, skin, user } from './dom.js';
import { isThread, root } from './thread.js';

export const log = $('#log'), panelLog = $('#thread-log'), kept = $('#threads');
let awaited = false; // after Next morning: the first new message stays in sight
let anchor = null;

export const await_ = on => { awaited = on; if (on) anchor = null; };
export const fragment = html => { const t = document.createElement('template'); t.innerHTML = html; return t.content.firstElementChild; };
export const number = el => Number(el.id.slice(1));
export const byNumber = id => document.getElementById('m' + id);

// morph changes old into fresh and touches only what differs, so that focus,
// open menus and screen readers stay where they are.
export function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeName !== fresh.nodeName || old.childNodes.length !== fresh.childNodes.length) return old.replaceWith(fresh.cloneNode(true));
  if (old.nodeType === Node.TEXT_NODE) { old.data = fresh.data; return; }
  for (const a of [...old.attributes]) if (a.name !== 'open' && !fresh.hasAttribute(a.name)) old.removeAttribute(a.name);
  for (const a of fresh.attributes) if (old.getAttribute(a.name) !== a.value) old.setAttribute(a.name, a.value);
  const news = [...fresh.childNodes];
  [...old.childNodes].forEach((n, i) => morph(n, news[i]));
}

// focused remembers which control of a message has the focus, and gives it back
// where the control was drawn anew, also as the same one of another page of a
// list; where it is gone, to its message.
function focused() {
  const el = document.activeElement, m = el?.closest('.m');
  if (!m) return () => {};
  const name = ['data-press', 'data-react', 'data-dismiss', 'data-fill', 'href', 'aria-label'].find(a => el.hasAttribute(a));
  const which = name && `[${name}="${CSS.escape(el.getAttribute(name))}"]`;
  const of = m.dataset.of, id = m.id, under = m.dataset.under, label = el.textContent;
  return () => {
    if (el.isConnected) return;
    const now = of ? $(`[data-of="${of}"]`, panelLog) : document.getElementById(id) || byNumber(under);
    const control = now && (which && $(which, now) || $$('button', now).find(b => b.textContent === label));
    control?.focus({ preventScroll: true });
    if (control && document.activeElement === control) return; // not within what was folded
    if (now) { now.tabIndex = -1; now.focus({ preventScroll: true }); }
    else $(panelLog.contains(m) ? '#reply' : '#text').focus({ preventScroll: true });
  };
}

// steady does something to a list without moving what one looks at: the message
// with the focus, as far as it is seen, or under the pointer, or else the first.
export function steady(l, change, what) {
  const top = el => el.getBoundingClientRect().top - l.getBoundingClientRect().top;
  const seen = m => m && top(m) + m.offsetHeight > 1 && top(m) < l.clientHeight;
  const focus = $('.list > .m:focus-within', l);
  const ref = what || seen(focus) && focus || $('.list > .m:hover', l) || $$('.list > .m', l).find(seen);
  const before = ref?.getBoundingClientRect().top; // in the window: what stands above the list may grow
  change();
  if (ref?.isConnected && ref.offsetParent) l.scrollTop += ref.getBoundingClientRect().top - before;
}

// days shows the day above the first message of each day; in a thread only
// where it is another than the one that the thread hangs on.
export function days(list) {
  let day = list.closest('#thread') ? byNumber(location.hash.slice(2))?.dataset.day : '';
  for (const m of list.children) {
    if (m.dataset.under) continue;
    m.classList.toggle('newday', m.dataset.day !== day);
    day = m.dataset.day;
  }
}

export const atEnd = l => l.scrollHeight - l.scrollTop - l.clientHeight < 80;
export const toEnd = l => { l.scrollTop = l.scrollHeight; };

// reveal shows the end, but of a message of one's own that is longer than what
// can be seen the beginning.
function reveal(l, m) {
  toEnd(l);
  if (m?.matches('.own') && m.offsetTop < l.scrollTop) l.scrollTop = m.offsetTop - 8;
}

// place puts a message in its turn, and an answer under what it answers, behind
// the answers that stand there.
export function place(list, el) {
  const under = el.dataset.under;
  let next = under ? byNumber(under) : null;
  if (next?.parentElement !== list) next = null;
  if (!under || !next && !isThread(under)) {
    next = list.lastElementChild;
    while (next && (next.dataset.under && next.dataset.under !== under || number(next) > number(el))) next = next.previousElementSibling;
  }
  const follows = m => m && m.dataset.under && (under ? m.dataset.under === under : next && m.dataset.under === String(number(next)));
  let after = next ? next.nextElementSibling : list.firstElementChild;
  while (follows(after)) after = after.nextElementSibling;
  list.insertBefore(el, after);
}

function take({ id, thread: parent, under, toast, html }) {
  if (toast) { $$('[aria-busy]').forEach(b => b.removeAttribute('aria-busy')); if (html) notice('', { html }); return; }
  const old = byNumber(id), refocus = focused();
  const l = !parent ? log : isThread(parent) ? panelLog : null;
  const list = l ? $('.list', l) : kept;
  const follow = l && atEnd(l) && !under;
  const change = () => {
    if (!html) old?.remove();
    else if (old) {
      const day = old.classList.contains('newday'), fresh = fragment(html);
      fresh.classList.toggle('newday', day);
      morph(old, fresh);
    } else {
      const el = fragment(html);
      el.classList.add('new');
      place(list, el);
      if (under) return;
      if (l === log && !el.matches('.own') && (awaited || anchor && number(el) < number(anchor))) { anchor = el; awaited = false; }
      if (l === log && !follow && !anchor && !el.matches('.own')) below('New messages ↓');
      if (l && el.matches('.own')) { anchor = null; requestAnimationFrame(() => reveal(l, el)); }
    }
    if (l) days(list);
  };
  if (l) steady(l, change); else change();
  if (under || old) $$('[aria-busy]').forEach(b => b.removeAttribute('aria-busy'));
  if (l === log && anchor?.isConnected) log.scrollTop = anchor.offsetTop - 8;
  else if (follow) reveal(l, byNumber(id));
  if (under && html && !old && l && byNumber(id).getBoundingClientRect().top > l.getBoundingClientRect().bottom - 40) {
    shown = byNumber(id);
    below('The answer ↓');
  }
  if (isThread(id)) root();
  refocus();
}

let shown = null; // what Show leads to; null: the end

// show goes to what is under what is seen.
export function show() {
  if (shown?.isConnected) shown.scrollIntoView({ block: 'nearest' }); else toEnd(log);
  shown = null;
  below('');
}

// free lets the list stand where somebody has moved it.
const free = () => { anchor = null; };
log.addEventListener('scroll', () => { if (atEnd(log)) below(''); });
for (const how of ['wheel', 'touchmove', 'keydown']) log.addEventListener(how, free, { passive: true });

// listen puts what the stream brings into its place; around is told of what
// stands around the messages.
export function listen(around) {
  const q = new URLSearchParams({ channel, as: user, since, skin });
  const stream = new EventSource('/events?' + q);
  stream.addEventListener('message', e => take(JSON.parse(e.data)));
  stream.addEventListener('frame', e => {
    const f = JSON.parse(e.data);
    for (const id of ['channels', 'about', 'clock', 'next', 'ended']) {
      const fresh = $('#' + id).cloneNode(false);
      fresh.innerHTML = f[id];
      morph($('#' + id), fresh);
    }
    around();
  });
  stream.addEventListener('reload', e => {
    stream.close();
    if (JSON.parse(e.data)) location.reload(); else location.replace('/?' + new URLSearchParams({ as: user, skin }));
  });
  stream.onopen = () => { if (lost) notice(''); lost = false; };
  stream.onerror = () => { if (!lost) notice('The connection is lost; trying again …', { stay: true }); lost = true; };
  let lost = false;
}
