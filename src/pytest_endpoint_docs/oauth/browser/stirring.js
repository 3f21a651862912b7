// `window.__endpointDocsStirs()` says whether a script of the page is about to do something, such as to go on by itself.
// It looks at timers that are set while the page starts, or right after it was used; those set later belong to clocks.
(() => {
  const EARLY_MS = 1500;
  const LONGEST_MS = 15000;
  const due = new Map();
  let usedAt = 0;
  for (const kind of ['click', 'keydown', 'input']) addEventListener(kind, () => { usedAt = performance.now() }, true);
  const { setTimeout: set, clearTimeout: clear } = window;
  window.setTimeout = function setTimeout(handler, delay, ...more) {
    const now = performance.now();
    const id = set.call(window, handler, delay, ...more);
    const within = Number(delay) || 0;
    if (now - usedAt < EARLY_MS && within > 0 && within <= LONGEST_MS) due.set(id, now + within);
    return id;
  };
  window.clearTimeout = function clearTimeout(id) {
    due.delete(id);
    return clear.call(window, id);
  };
  Object.defineProperty(window, '__endpointDocsStirs', {
    value: () => [...due.values()].some((at) => at + 100 > performance.now()),
  });
})();
