// The thread beside the channel. It opens and closes without moving the channel.
import { $, $$, narrow } from './dom.js';
import { byNumber, days, kept, log, morph, number, panelLog, steady } from './messages.js';

const panel = $('#thread');
let thread = ''; // the open thread's message id

export const openedThread = () => thread;
export const isThread = id => thread !== '' && String(id) === thread;

// root shows the message that the thread hangs on at its top.
export function root() {
  const m = byNumber(thread);
  if (!m) return;
  const copy = m.cloneNode(true);
  copy.dataset.of = copy.id;
  copy.removeAttribute('id');
  copy.classList.remove('newday', 'new');
  $('.th', copy)?.remove();
  $('.reply', copy)?.remove();
  const at = $('.root', panelLog);
  if (at.firstElementChild) morph(at.firstElementChild, copy); else at.append(copy);
  $('#thread-name').textContent = m.dataset.named || $('.title, .head, .said', m)?.textContent || '';
}

export function openThread() {
  const was = thread;
  const seen = m => m && m.getBoundingClientRect().bottom > log.getBoundingClientRect().top && m.getBoundingClientRect().top < log.getBoundingClientRect().bottom;
  const next = (location.hash.match(/^#t(\d+)$/) || [])[1] || '';
  const on = byNumber(next || was);
  steady(log, () => {
    kept.append(...$$('.list > *', panelLog));
    thread = byNumber(next) ? next : '';
    document.body.classList.toggle('threaded', !!thread);
    $('.root', panelLog).replaceChildren();
    panel.hidden = !thread;
    $('#main').inert = !!thread && narrow.matches;
  }, seen(on) ? on : null);
  if (!thread) {
    if (was) ($(`[href="#t${was}"]`, log) || $('#text')).focus({ preventScroll: true });
    return;
  }
  root();
  const list = $('.list', panelLog);
  $$(`[data-thread="${thread}"]`, kept).sort((a, b) => order(a) - order(b) || number(a) - number(b)).forEach(m => list.append(m));
  days(list);
  if (narrow.matches) $('.close-thread').focus(); else $('#reply').focus();
}

const order = m => Number(m.dataset.under || number(m));

export function closeThread() {
  history.pushState(null, '', location.pathname + location.search);
  openThread();
}
