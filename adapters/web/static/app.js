// The page's script: it puts the messages that the server renders into their
// places, sends what people type, press and react to, completes commands, and
// opens the drawer and the thread. It makes no HTML of its own from text.
'use strict';
{
const $ = (q, in_ = document) => in_.querySelector(q);
const $$ = (q, in_ = document) => [...in_.querySelectorAll(q)];
const { channel, user, since, skin = '' } = document.body.dataset;
const narrow = matchMedia('(max-width: 900px)');
const log = $('#log'), side = $('#side'), panel = $('#thread'), panelLog = $('#thread-log'), kept = $('#threads');
let thread = '';     // the open thread's message id
let awaited = false; // after Next morning: the first new message stays in sight
let anchor = null;

function notice(text, stay) {
  $('#notice').textContent = text;
  clearTimeout(notice.timer);
  if (text && !stay) notice.timer = setTimeout(() => notice(''), 8000);
}

async function post(path, body = {}) {
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

// ---- messages

const fragment = html => { const t = document.createElement('template'); t.innerHTML = html; return t.content.firstElementChild; };
const number = el => Number(el.id.slice(1));

// morph changes old into fresh and touches only what differs, so that focus,
// open menus and screen readers stay where they are.
function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeName !== fresh.nodeName || old.childNodes.length !== fresh.childNodes.length) return old.replaceWith(fresh.cloneNode(true));
  if (old.nodeType === Node.TEXT_NODE) { old.data = fresh.data; return; }
  for (const a of [...old.attributes]) if (a.name !== 'open' && !fresh.hasAttribute(a.name)) old.removeAttribute(a.name);
  for (const a of fresh.attributes) if (old.getAttribute(a.name) !== a.value) old.setAttribute(a.name, a.value);
  const news = [...fresh.childNodes];
  [...old.childNodes].forEach((n, i) => morph(n, news[i]));
}

// days shows the day above the first message of each day; in a thread only
// where it is another than the one that the thread hangs on.
function days(list) {
  let day = list.closest('#thread') ? document.getElementById('m' + thread)?.dataset.day : '';
  for (const m of list.children) { m.classList.toggle('newday', m.dataset.day !== day); day = m.dataset.day; }
}

const atEnd = l => l.scrollHeight - l.scrollTop - l.clientHeight < 80;
const toEnd = l => { l.scrollTop = l.scrollHeight; };

function place(list, el) {
  let next = list.lastElementChild;
  while (next && number(next) > number(el)) next = next.previousElementSibling;
  if (next) next.after(el); else list.prepend(el);
}

function take({ id, thread: parent, html }) {
  const old = document.getElementById('m' + id);
  const l = !parent ? log : String(parent) === thread ? panelLog : null;
  const list = l ? $('.list', l) : kept;
  const follow = l && atEnd(l);
  if (!html) {
    old?.remove();
  } else if (old) {
    const day = old.classList.contains('newday'), fresh = fragment(html);
    fresh.classList.toggle('newday', day);
    morph(old, fresh);
  } else {
    const el = fragment(html);
    el.classList.add('new');
    place(list, el);
    if (l === log && !el.matches('.own') && (awaited || anchor && number(el) < number(anchor))) { anchor = el; awaited = false; }
    if (l === log && !follow && !anchor && !el.matches('.own')) $('.newer').hidden = false;
    if (l && el.matches('.own')) { anchor = null; requestAnimationFrame(() => toEnd(l)); }
  }
  if (l) days(list);
  if (l === log && anchor?.isConnected) log.scrollTop = anchor.offsetTop - 8;
  else if (follow) toEnd(l);
  if (String(id) === thread) root();
}

function listen() {
  const q = new URLSearchParams({ channel, as: user, since, skin });
  const stream = new EventSource('/events?' + q);
  stream.addEventListener('message', e => take(JSON.parse(e.data)));
  stream.addEventListener('frame', e => {
    const f = JSON.parse(e.data);
    for (const [id, html] of [['channels', f.channels], ['about', f.about], ['clock', f.clock]]) {
      const fresh = $('#' + id).cloneNode(false);
      fresh.innerHTML = html;
      morph($('#' + id), fresh);
    }
    $$('[data-morning]').forEach(b => { b.disabled = !f.can || busy; });
    $('.open-side').classList.toggle('unread', !!$('#channels .unread'));
  });
  stream.addEventListener('reload', () => { stream.close(); location.reload(); });
  stream.onopen = () => notice('');
  stream.onerror = () => notice('The connection is lost; trying again …', true);
}

// ---- threads

function root() {
  const m = document.getElementById('m' + thread);
  if (!m) return;
  const copy = m.cloneNode(true);
  copy.dataset.of = copy.id;
  copy.removeAttribute('id');
  copy.classList.remove('newday', 'new');
  $('.th', copy)?.remove();
  const at = $('.root', panelLog);
  if (at.firstElementChild) morph(at.firstElementChild, copy); else at.append(copy);
  $('#thread-name').textContent = m.dataset.named || $('.title, .head, .said', m)?.textContent || '';
}

function openThread() {
  kept.append(...$$('.list > *', panelLog));
  thread = (location.hash.match(/^#t(\d+)$/) || [])[1] || '';
  if (thread && !document.getElementById('m' + thread)) thread = '';
  document.body.classList.toggle('threaded', !!thread);
  $('.root', panelLog).replaceChildren();
  const was = panel.hidden;
  panel.hidden = !thread;
  $('#main').inert = !!thread && narrow.matches;
  if (!thread) {
    if (!was) $('#text').focus({ preventScroll: true });
    return;
  }
  root();
  const list = $('.list', panelLog);
  $$(`[data-thread="${thread}"]`, kept).sort((a, b) => number(a) - number(b)).forEach(m => list.append(m));
  days(list);
  drawer(false);
  if (narrow.matches) $('.close-thread').focus(); else $('#reply').focus();
}

function closeThread() {
  history.pushState(null, '', location.pathname + location.search);
  openThread();
}

// ---- the drawer

function drawer(open) {
  side.classList.toggle('open', open);
  $('.veil').hidden = !open;
  $('.open-side').setAttribute('aria-expanded', open);
  if (open) $('.close-side').focus();
}

// ---- typing

function composer(form) {
  const input = $('input', form), options = $('.options', form);
  let choices = [], active = -1, asked = 0, timer;

  function show(list) {
    choices = list; active = -1;
    options.replaceChildren(...list.map((c, i) => {
      const li = document.createElement('li'), label = document.createElement('code'), hint = document.createElement('span');
      li.id = `${options.id}-${i}`; li.role = 'option'; li.ariaSelected = 'false';
      label.textContent = c.label; hint.textContent = c.hint || '';
      li.append(label, hint);
      li.addEventListener('pointerdown', e => { e.preventDefault(); accept(i); });
      return li;
    }));
    options.hidden = !list.length;
    input.setAttribute('aria-expanded', !!list.length);
    input.removeAttribute('aria-activedescendant');
  }
  function move(step) {
    active = active < 0 ? (step > 0 ? 0 : choices.length - 1) : (active + step + choices.length) % choices.length;
    [...options.children].forEach((li, i) => { li.ariaSelected = String(i === active); });
    input.setAttribute('aria-activedescendant', options.children[active].id);
    options.children[active].scrollIntoView({ block: 'nearest' });
  }
  function accept(i) {
    input.value = choices[i].value;
    input.focus();
    ask();
  }
  async function ask() {
    clearTimeout(timer);
    const text = input.value, n = ++asked;
    if (!/^[/@]/.test(text)) return show([]);
    const list = await post('/complete', { text });
    if (n === asked && Array.isArray(list)) show(list.filter(c => c.value !== text));
  }
  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(ask, 60); });
  input.addEventListener('blur', () => { asked++; show([]); });
  input.addEventListener('keydown', e => {
    if (e.isComposing || !choices.length) return;
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') move(e.key === 'ArrowDown' ? 1 : -1);
    else if (e.key === 'Tab' && !e.shiftKey) accept(Math.max(active, 0));
    else if (e.key === 'Enter' && active >= 0) accept(active);
    else if (e.key === 'Escape') { asked++; show([]); e.stopPropagation(); }
    else return;
    e.preventDefault();
  });
  form.addEventListener('submit', async e => {
    e.preventDefault();
    const text = input.value.trim();
    clearTimeout(timer); asked++; show([]);
    if (!text) return;
    input.value = '';
    if (!await post('/say', { text, thread: input.id === 'reply' ? thread : '' })) input.value ||= text;
  });
}

// ---- pressing

let busy = false;
async function morning() {
  busy = awaited = true; anchor = null;
  $$('[data-morning]').forEach(b => { b.disabled = true; });
  notice('The night passes …', true);
  drawer(false);
  const done = await post('/morning');
  busy = false;
  setTimeout(() => { awaited = false; }, 3000); // the stream may be a moment behind
  $$('[data-morning]').forEach(b => { b.disabled = false; });
  if (done) notice('');
}

function fill(text, form) {
  const input = $('input', form);
  input.value = text + ' ';
  drawer(false);
  input.focus();
  input.dispatchEvent(new Event('input'));
}

document.addEventListener('click', e => {
  const b = e.target.closest('button, a, summary, .veil'), menu = e.target.closest('details.menu');
  $$('details.menu[open]').forEach(d => { if (d !== menu) d.open = false; });
  if (!b) return;
  const inPanel = panel.contains(b), m = b.closest('.m');
  const on = { message: m ? (m.dataset.of || m.id).slice(1) : '', thread: inPanel ? thread : '' };
  const d = b.dataset;
  if ('press' in d) { if (menu) menu.open = false; post('/press', { ...on, button: d.press, label: b.textContent.trim().slice(0, 80) }); }
  else if ('react' in d) { if (menu) menu.open = false; post('/react', { message: on.message, emoji: d.react, on: b.ariaPressed !== 'true' }); }
  else if ('dismiss' in d) { post('/dismiss', { message: on.message }); $(inPanel ? '#reply' : '#text').focus(); }
  else if ('copy' in d) navigator.clipboard?.writeText($('pre', b.parentElement).textContent).then(() => { b.textContent = 'Copied'; });
  else if ('fill' in d) fill(d.fill, $('form.say', inPanel ? panel : $('#main')));
  else if ('morning' in d) morning();
  else if (b.matches('.open-side')) drawer(true);
  else if (b.matches('.close-side, .veil')) { drawer(false); $('.open-side').focus(); }
  else if (b.matches('.close-thread')) closeThread();
  else if (b.matches('.newer')) { toEnd(log); b.hidden = true; }
});

document.addEventListener('keydown', e => {
  if (e.key !== 'Escape') return;
  const menu = $('details.menu[open]');
  if (menu) { menu.open = false; $('summary', menu).focus(); }
  else if (side.classList.contains('open')) { drawer(false); $('.open-side').focus(); }
  else if (thread) closeThread();
});

// A menu near the lower edge opens upwards.
document.addEventListener('toggle', e => {
  if (!e.target.matches?.('details.menu')) return;
  const box = e.target.closest('.log'), pop = $('.pop', e.target);
  e.target.classList.remove('up');
  if (e.target.open && box && pop.getBoundingClientRect().bottom > box.getBoundingClientRect().bottom) e.target.classList.add('up');
}, true);

$('#add-channel').addEventListener('submit', async e => {
  e.preventDefault();
  const name = new FormData(e.target).get('channel');
  try {
    const r = await fetch('/channel', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ channel: name }) });
    if (!r.ok) return notice((await r.text()).trim());
    location.search = new URLSearchParams({ channel: (await r.json()).channel, as: user, skin });
  } catch { notice('The playground does not answer. Is it still running?'); }
});

log.addEventListener('scroll', () => { if (atEnd(log)) $('.newer').hidden = true; });
log.addEventListener('wheel', () => { anchor = null; }, { passive: true });
log.addEventListener('touchmove', () => { anchor = null; }, { passive: true });
addEventListener('hashchange', openThread);
narrow.addEventListener('change', () => { $('#main').inert = !!thread && narrow.matches; });
$$('[data-composer]').forEach(composer);
days($('.list', log));
openThread();
toEnd(log);
if (!narrow.matches && !thread) $('#text').focus();
listen();
}
