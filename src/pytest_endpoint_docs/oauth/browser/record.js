// Tells window.__endpointDocsRecord what a person does. Values of password fields never leave the page.
(() => {
  const squeeze = (text) => (text || '').replace(/\s+/g, ' ').trim().slice(0, 120);
  const told = new WeakMap();
  const labelOf = (element) => squeeze(element.getAttribute('aria-label') ||
    (element.labels ? [...element.labels].map((label) => label.innerText).join(' ') : ''));
  // A component's own button is named by what the page puts into the component.
  const hostName = (element) => {
    const root = element.getRootNode();
    return root instanceof ShadowRoot ? squeeze(root.host.getAttribute('aria-label') || root.host.innerText) : '';
  };
  const locate = (element) => {
    const testId = element.getAttribute('data-testid');
    if (testId) return { test_id: testId };
    const clickable = element.closest('button, a[href], [role=button], [role=link], input[type=submit], input[type=button]');
    if (clickable) {
      const link = clickable.matches('a[href]:not([role=button]), [role=link]');
      const name = squeeze(clickable.getAttribute('aria-label') || clickable.innerText || clickable.value || clickable.title) ||
        hostName(clickable);
      if (name) return { role: link ? 'link' : 'button', name };
    }
    const label = labelOf(element);
    if (label) return { label };
    if (element.placeholder) return { placeholder: squeeze(element.placeholder) };
    if (element.getAttribute('name')) return { name: element.getAttribute('name') };
    if (element.id) return { css: `#${CSS.escape(element.id)}` };
    const text = squeeze(element.innerText);
    return text ? { text } : { css: element.tagName.toLowerCase() };
  };
  // A document shows another page once all that was acted on is gone, whether it has another address or not.
  let acted = [], pages = 0;
  const isGone = (element) => !element.isConnected || !element.getClientRects().length;
  const tell = (action, element, more) => {
    if (acted.length && acted.every(isGone)) {
      acted = [];
      pages += 1;
    }
    acted.push(element);
    const shown = `${performance.timeOrigin} ${pages}`;
    window.__endpointDocsRecord({ action, url: location.href, shown, locator: locate(element), ...more });
  };
  const words = (element) => `${element.name} ${element.id} ${labelOf(element)} ${element.placeholder || ''}`;
  // What was a password once is one, also while the page shows its letters: noted before a click or key can show them.
  const covered = new WeakSet();
  const cover = (event) => {
    const element = event.composedPath()[0];
    const tree = element instanceof Node ? element.getRootNode() : document;
    for (const each of tree.querySelectorAll('input[type=password]')) covered.add(each);
  };
  for (const kind of ['pointerdown', 'keydown', 'focusin', 'click']) addEventListener(kind, cover, true);
  const fill = (element) => {
    if (told.get(element) === element.value) return;
    told.set(element, element.value);
    const code = /one-time-code/.test(element.autocomplete) || /otp|one[ -]?time|verification code/i.test(words(element));
    if (element.type === 'password' || /\b(current|new)-password\b/.test(element.autocomplete)) covered.add(element);
    const password = covered.has(element);
    const form = element.form || document;
    const user = /username|email/.test(element.autocomplete) || element.type === 'email' ||
      (!password && !!form.querySelector('input[type=password]') && /user|login|mail|account/i.test(words(element)));
    tell('fill', element, {
      value: password ? '' : element.value,
      secret: code ? 'totp' : password ? 'password' : user ? 'user' : null,
    });
  };
  const typed = (element) => element instanceof HTMLTextAreaElement || (element instanceof HTMLInputElement &&
    !['checkbox', 'radio', 'submit', 'button', 'image', 'reset', 'hidden', 'file'].includes(element.type));
  const flush = (form) => {
    for (const element of form ? form.elements : []) {
      if (typed(element) && element.value && element.value !== element.defaultValue) fill(element);
    }
  };
  const changed = (event) => {
    const element = event.composedPath()[0];
    if (typed(element)) fill(element);
    else if (element instanceof HTMLInputElement && ['checkbox', 'radio'].includes(element.type)) {
      tell(element.checked ? 'check' : 'uncheck', element, {});
    } else if (element instanceof HTMLSelectElement && !element.multiple && element.selectedIndex >= 0) {
      tell('select', element, { value: squeeze(element.options[element.selectedIndex].label) });
    }
  };
  addEventListener('change', changed, true);
  // This event does not leave a shadow tree, unlike those that come before it.
  const trees = new WeakSet([document]);
  const follow = (event) => {
    for (const node of event.composedPath()) {
      if (!(node instanceof ShadowRoot) || trees.has(node)) continue;
      trees.add(node);
      node.addEventListener('change', changed, true);
    }
  };
  for (const kind of ['pointerdown', 'keydown', 'focusin']) addEventListener(kind, follow, true);
  addEventListener('click', (event) => {
    const element = event.composedPath()[0];
    if (!(element instanceof Element)) return;
    const target = element.closest('button, a[href], [role=button], [role=link], input[type=submit], input[type=button], input[type=image]');
    if (!target) return;
    flush(target.form || target.closest('form'));
    tell('click', target, {});
  }, true);
  addEventListener('submit', (event) => {
    // With a button, Enter clicks it; without one there is only this.
    if (event.submitter) return;
    flush(event.target);
    const input = document.activeElement;
    if (input && typed(input)) tell('press', input, { value: 'Enter' });
  }, true);
})();
