// Small conveniences; every page works without them.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (question !== undefined && !globalThis.confirm(question)) {
    event.preventDefault();
    return;
  }
  if (form.method !== 'post') return;
  // the server takes a second click for the first one; this only shows that the first one counted
  if (form.dataset.sent === 'true') {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'true';
});

// a page that comes back from the browser's memory may send its forms again
globalThis.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});
