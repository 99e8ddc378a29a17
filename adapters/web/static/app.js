// The page's script: who presses what, and what stands around the messages.
//
//	dom.js       what all share; asking the server; the strip of notices
//	messages.js  messages come to their places
//	thread.js    the thread beside the channel
//	composer.js  typing
//	dialog.js    forms to fill in
import { $, $$, hush, narrow, notice, post, skin, user } from './dom.js';
import { await_, days, listen, log, show, toEnd } from './messages.js';
import { closeThread, openedThread, openThread } from './thread.js';
import { composer, fill } from './composer.js';
import { openForm } from './dialog.js';

const side = $('#side'), panel = $('#thread');
let busy = false;

function around() {
  $$('[data-morning]').forEach(b => b.setAttribute('aria-disabled', busy));
  $('.open-side').classList.toggle('unread', !!$('#channels .unread'));
}

async function morning() {
  if (busy) return;
  busy = true;
  await_(true);
  around();
  notice('The night passes …', { stay: true });
  drawer(false);
  const done = await post('/morning');
  busy = false;
  setTimeout(() => await_(false), 3000); // the stream may be a moment behind
  around();
  if (done) notice('', done);
}

async function anew() {
  notice('Beginning anew …', { stay: true });
  await post('/anew'); // the stream ends, and comes again with the word to load anew
}

function drawer(open) {
  side.classList.toggle('open', open);
  $('.veil').hidden = !open;
  $('.open-side').setAttribute('aria-expanded', open);
  if (open) $('.close-side').focus();
}

document.addEventListener('click', e => {
  const b = e.target.closest('button, a, summary, .veil'), menu = e.target.closest('details.menu');
  $$('details.menu[open]').forEach(d => { if (d !== menu) d.open = false; });
  if (!b) return;
  const inPanel = panel.contains(b), m = b.closest('.m');
  const on = { message: m ? (m.dataset.of || m.id).slice(1) : '', thread: inPanel ? openedThread() : '' };
  const d = b.dataset;
  const shut = () => { if (menu) { menu.open = false; $('summary', menu).focus({ preventScroll: true }); } };
  if ('press' in d) {
    b.setAttribute('aria-busy', 'true');
    shut();
    post('/press', { ...on, button: d.press, label: (b.firstElementChild || b).textContent.trim().slice(0, 80) }).then(answer => {
      if (!answer || answer.form) b.removeAttribute('aria-busy');
      if (answer?.form) openForm(answer.form, on);
    });
  } else if ('react' in d) { post('/react', { message: on.message, emoji: d.react, on: b.ariaPressed !== 'true' }); shut(); }
  else if ('dismiss' in d) post('/dismiss', { message: on.message });
  else if ('copy' in d) navigator.clipboard?.writeText($('pre', b.parentElement).textContent).then(() => { b.textContent = 'Copied'; });
  else if ('fill' in d) { drawer(false); b.closest('dialog')?.close(); fill(d.fill, $('form.say', inPanel ? panel : $('#main'))); }
  else if ('morning' in d) morning();
  else if ('anew' in d) { drawer(false); $('#anew').showModal(); }
  else if ('hush' in d) hush();
  else if (b.matches('.open-side')) drawer(true);
  else if (b.matches('.close-side, .veil')) { drawer(false); $('.open-side').focus(); }
  else if (b.matches('.close-thread')) closeThread();
  else if (b.matches('.newer')) show();
});

$('#anew').addEventListener('close', e => { if (e.target.returnValue === 'yes') anew(); });

document.addEventListener('keydown', e => {
  const menu = $('details.menu[open]');
  if (e.key === 'Escape' && !$('dialog[open]')) {
    if (menu) { menu.open = false; $('summary', menu).focus(); }
    else if (side.classList.contains('open')) { drawer(false); $('.open-side').focus(); }
    else if (openedThread()) closeThread();
  } else if (menu?.contains(document.activeElement) && ['ArrowDown', 'ArrowUp', 'ArrowRight', 'ArrowLeft', 'Home', 'End'].includes(e.key)) {
    const items = $$('.pop button, .pop a', menu), i = items.indexOf(document.activeElement);
    const to = { Home: 0, End: items.length - 1, ArrowUp: i - 1, ArrowLeft: i - 1 }[e.key] ?? i + 1;
    items.at(to % items.length).focus();
    e.preventDefault();
  }
});

// A menu near the lower edge opens upwards, one near the right edge to the left;
// it closes when the focus goes on.
document.addEventListener('toggle', e => {
  if (!e.target.matches?.('details.menu')) return;
  const box = e.target.closest('.log')?.getBoundingClientRect(), pop = $('.pop', e.target);
  e.target.classList.remove('up', 'left');
  if (!e.target.open || !box) return;
  const at = pop.getBoundingClientRect();
  if (at.bottom > box.bottom && at.height < e.target.getBoundingClientRect().top - box.top) e.target.classList.add('up');
  if (at.right > box.right - 8) e.target.classList.add('left');
}, true);
document.addEventListener('focusout', e => {
  const menu = e.target.closest?.('details.menu[open]');
  if (menu && e.relatedTarget && !menu.contains(e.relatedTarget)) menu.open = false;
});

$('#add-channel').addEventListener('submit', async e => {
  e.preventDefault();
  const name = new FormData(e.target).get('channel');
  try {
    const r = await fetch('/channel', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ channel: name }) });
    if (!r.ok) return notice((await r.text()).trim());
    location.search = new URLSearchParams({ channel: (await r.json()).channel, as: user, skin });
  } catch { notice('The playground does not answer. Is it still running?'); }
});

addEventListener('hashchange', () => { openThread(); if (openedThread()) drawer(false); });
narrow.addEventListener('change', () => { $('#main').inert = !!openedThread() && narrow.matches; });
$$('[data-composer]').forEach(composer);
days($('.list', log));
openThread();
// The newest post from its beginning, where nothing of one's own came after it.
const last = $$('.list > :is(.m:has(> .body > .head), .m.begins)', log).at(-1);
toEnd(log);
if (last && !$(`#${last.id} ~ .own`) && last.offsetTop < log.scrollTop) log.scrollTop = last.offsetTop - 8;
if (!narrow.matches && !openedThread()) $('#text').focus({ preventScroll: true });
around();
listen(around);
