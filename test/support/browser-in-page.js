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

  /** Null when the focus has left the page, or stands where it has stood before. */
  readFocused() {
    const element = document.activeElement;
    if (element === null || element === document.body || element === document.documentElement) return null;
    if (element.dataset.testSeen !== undefined) return null;
    element.dataset.testSeen = '';
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const label =
      element.getAttribute('aria-label') || element.textContent.trim() || element.getAttribute('name') || '';
    return {
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

  /** What can be acted upon and is seen. */
  countControls() {
    const all = document.querySelectorAll(
      'a[href], button:not([disabled]), input:not([type=hidden], [disabled]), select, textarea, summary',
    );
    return [...all].filter((element) => element.checkVisibility()).length;
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

  /** Counts layout shifts from now on that no input has caused. */
  watchShifts() {
    this.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) this.shift += entry.value;
    }).observe({ type: 'layout-shift' });
  },

  readShift() {
    return this.shift;
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
