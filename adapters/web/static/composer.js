// Typing: completion, sending, and the lines of before.
import { $, post, user } from './dom.js';
import { openedThread } from './thread.js';

const remembered = 50;
const key = 'said by ' + user;
const lines = () => { try { return JSON.parse(sessionStorage.getItem(key)) || []; } catch { return []; } };
const remember = line => { try { sessionStorage.setItem(key, JSON.stringify([...lines().filter(l => l !== line), line].slice(-remembered))); } catch { /* then not */ } };

export function composer(form) {
  const input = $('input', form), options = $('.options', form);
  let choices = [], active = -1, asked = 0, timer;
  let offered = ''; // the text that the choices are for
  let asTyped = ''; // the text whose choices somebody has closed
  let back = 0, draft = '';

  function draw(list) {
    choices = list;
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
    select(unfinished() ? 0 : -1);
  }
  function select(i) {
    active = i;
    [...options.children].forEach((li, j) => { li.ariaSelected = String(i === j); });
    if (i < 0) return input.removeAttribute('aria-activedescendant');
    input.setAttribute('aria-activedescendant', options.children[i].id);
    options.children[i].scrollIntoView({ block: 'nearest' });
  }
  // unfinished reports whether the last word is the beginning of one that is
  // known, and none itself: then Enter takes that, and does not send half a word.
  function unfinished() {
    const text = input.value.toLowerCase();
    return offered === input.value && asTyped !== input.value && choices.length > 0 && /\S$/.test(text)
      && choices[0].value.toLowerCase().startsWith(text) && !choices.some(c => c.value.trim().toLowerCase() === text.trim());
  }
  function close() { clearTimeout(timer); asked++; draw([]); }
  function accept(i) {
    input.value = choices[i].value;
    select(-1); // what is shown was offered for less
    input.focus();
    ask();
  }
  async function ask() {
    clearTimeout(timer);
    const text = input.value, n = ++asked;
    if (!/^[/@]/.test(text)) return draw([]);
    const list = await post('/complete', { text });
    if (n !== asked || !Array.isArray(list)) return;
    offered = text;
    draw(list.filter(c => c.value !== text));
  }
  // recall goes back or on in what was sent before.
  function recall(step) {
    const all = lines();
    if (back === 0) draft = input.value;
    const to = Math.min(Math.max(back + step, 0), all.length);
    if (to === back) return;
    back = to;
    close();
    input.value = back ? all[all.length - back] : draft;
    asTyped = input.value;
    input.setSelectionRange(input.value.length, input.value.length);
  }

  input.addEventListener('input', () => { back = 0; select(-1); clearTimeout(timer); timer = setTimeout(ask, 60); });
  input.addEventListener('blur', close);
  input.addEventListener('keydown', e => {
    if (e.isComposing) return;
    const up = e.key === 'ArrowUp', down = e.key === 'ArrowDown';
    if (choices.length) {
      if (up || down) select(active < 0 ? (down ? 0 : choices.length - 1) : (active + (down ? 1 : -1) + choices.length) % choices.length);
      else if (e.key === 'Tab' && !e.shiftKey) accept(Math.max(active, 0));
      else if (e.key === 'Enter' && active >= 0) accept(active);
      else if (e.key === 'Escape') { asTyped = input.value; close(); e.stopPropagation(); }
      else return;
    } else if (up && (back || !input.value) || down && back) recall(up ? 1 : -1);
    else return;
    e.preventDefault();
  });
  form.addEventListener('submit', async e => {
    e.preventDefault();
    if (/^[/@]/.test(input.value) && offered !== input.value && asTyped !== input.value) { // typed faster than it was offered
      await ask();
      if (unfinished()) return accept(0);
    }
    const text = input.value.trim();
    close();
    if (!text) return;
    input.value = '';
    back = 0;
    remember(text);
    if (!await post('/say', { text, thread: input.id === 'reply' ? openedThread() : '' })) input.value ||= text;
  });
}

export function fill(text, form) {
  const input = $('input', form);
  input.value = text + ' ';
  input.focus();
  input.dispatchEvent(new Event('input'));
}
