// Evaluated inside the page by browser-in-page.ts; nothing of it is part of the product.
globalThis.inPage = {
  /** The next Tab begins at the top of the document. */
  leaveFocus() {
    document.activeElement.blur();
    getSelection().removeAllRanges();
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  },

  /** Null when the focus has left the page. */
  readFocused() {
    const element = document.activeElement;
    if (element === null || element === document.body || element === document.documentElement) return null;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const label =
      element.getAttribute('aria-label') || element.textContent.trim() || element.getAttribute('name') || '';
    return {
      id: this.toId(element),
      label: `${element.tagName.toLowerCase()} ${label.replaceAll(/\s+/g, ' ').slice(0, 60)}`,
      isFocusVisible:
        (style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none',
      isOnScreen:
        box.width > 0 &&
        box.height > 0 &&
        box.bottom > 0 &&
        box.top < innerHeight &&
        box.right > 0 &&
        box.left < innerWidth,
    };
  },

  /** What can be acted upon and is seen, each by its place; of a group of radio buttons the one that takes the focus. */
  listControls() {
    const all = document.querySelectorAll(
      'a[href], button:not([disabled]), input:not([type=hidden], [disabled]), select, textarea, summary',
    );
    return [...all]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }) && this.takesFocus(element))
      .map((element) => this.toId(element));
  },

  takesFocus(element) {
    if (element.type !== 'radio' || element.checked) return true;
    const group = [...document.getElementsByName(element.name)].filter((each) => each.form === element.form);
    return !group.some((each) => each.checked) && group[0] === element;
  },

  /** The way down to an element. */
  toId(element) {
    const name = `${element.tagName.toLowerCase()}${element.name ? `[${element.name}=${element.value}]` : ''}`;
    const place = [...(element.parentElement?.children ?? [])].indexOf(element);
    return element.parentElement === null ? name : `${this.toId(element.parentElement)} ${place} ${name}`;
  },

  isFocusInMain() {
    return document.querySelector('main').contains(document.activeElement);
  },

  /** Elements that stick out of the page to the right; empty when the page itself does not scroll sideways. */
  listOverflow() {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .map(
        (element) => `${element.tagName.toLowerCase()}.${element.className} ${element.textContent.trim().slice(0, 40)}`,
      )
      .slice(0, 6);
  },

  /** How much the page has moved by itself since it was opened. */
  async readShift() {
    let shift = 0;
    const add = (entries) => {
      for (const entry of entries) if (!entry.hadRecentInput) shift += entry.value;
    };
    const observer = new PerformanceObserver((list) => add(list.getEntries()));
    observer.observe({ type: 'layout-shift', buffered: true });
    // what was drawn last is told with the frame after it
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))));
    add(observer.takeRecords());
    observer.disconnect();
    return shift;
  },

  /** Resolves when that many batches of changes have been made to the page's content. */
  async waitForChanges(wanted) {
    await new Promise((resolve) => {
      let seen = 0;
      const observer = new MutationObserver(() => {
        seen += 1;
        if (seen < wanted) return;
        observer.disconnect();
        resolve();
      });
      observer.observe(document.body, { childList: true, characterData: true, subtree: true });
    });
  },
};
