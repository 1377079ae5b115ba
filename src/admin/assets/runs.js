// One box that ticks all boxes of its form; it shows only where this script runs.
for (const box of document.querySelectorAll('[data-check-all]')) {
  const others = () => document.querySelectorAll(`input[type="checkbox"][form="${box.dataset.checkAll}"]`);
  box.hidden = false;
  box.addEventListener('change', () => {
    for (const other of others()) other.checked = box.checked;
  });
  document.addEventListener('change', (event) => {
    if (event.target.form?.id !== box.dataset.checkAll) return;
    const all = [...others()];
    const checked = all.filter((other) => other.checked).length;
    box.checked = checked === all.length;
    box.indeterminate = checked > 0 && checked < all.length;
  });
}
