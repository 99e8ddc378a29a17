// Forms: what the server renders is filled in in a dialog of the page. What is
// wrong is said at its field, and nothing that was typed is lost.
import { $, $$, post } from './dom.js';

const dialog = $('#dialog');

// openForm shows a form that the button of a message has opened. The browser
// gives the focus back when it closes.
export function openForm(html, on) {
  dialog.innerHTML = html;
  const form = $('form', dialog);
  form.addEventListener('submit', async e => {
    e.preventDefault();
    const send = $('[type=submit]', form);
    if (send.ariaDisabled === 'true') return;
    send.ariaDisabled = 'true';
    const done = await post('/submit', { ...on, form: form.dataset.form, label: form.dataset.submit, values: Object.fromEntries(new FormData(form)) });
    send.ariaDisabled = 'false';
    if (done && !done.wrong) return dialog.close();
    if (done) complain(form, done.wrong);
  });
  for (const input of $$('[data-verb]', form)) input.addEventListener('input', () => offer(input));
  dialog.showModal();
}

function complain(form, wrong) {
  for (const p of $$('.wrong', form)) {
    const name = p.id.slice('wrong-'.length), field = form.elements[name];
    p.innerHTML = wrong[name] || '';
    field.ariaInvalid = String(name in wrong);
  }
  $('[aria-invalid=true]', form)?.focus();
}

// offer completes a field of which the server knows the values.
async function offer(input) {
  const text = input.value;
  const list = await post('/complete', { text, verb: input.dataset.verb, option: input.dataset.option });
  if (!Array.isArray(list) || input.value !== text) return;
  input.list.replaceChildren(...list.map(c => new Option(c.hint || '', c.value)));
}

dialog.addEventListener('click', e => {
  if (e.target === dialog || e.target.closest('[data-close]')) dialog.close();
});
