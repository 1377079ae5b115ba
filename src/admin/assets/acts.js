// A button beside each text that is made to be copied; it shows only where this script runs.
for (const text of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) break;
  const frame = document.createElement('div');
  frame.className = 'copy';
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button button-small';
  const word = text.dataset.copy || 'Copy';
  button.textContent = word;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(text.textContent);
    button.textContent = `✓ ${word}`;
    setTimeout(() => (button.textContent = word), 2_000);
  });
  text.replaceWith(frame);
  frame.append(text, button);
}
