// Returns {data, elements, layers, unread}: what a person could use on this page, in document order, and the elements
// themselves; what lies over some of them; what can be scrolled further.
() => {
  const elements = [];
  const controls = [];
  const forms = [];
  // Pages have thousands of elements, in many layers: each is asked once.
  const once = (look) => {
    const known = new Map();
    return (key) => {
      if (!known.has(key)) known.set(key, look(key));
      return known.get(key);
    };
  };
  const root = (element) => element.getRootNode();
  // Components keep their parts in trees of their own: these look through their borders.
  const parentOf = (node) => node.parentElement || root(node).host || null;
  const closest = (element, wanted) => {
    for (let node = element; node; node = root(node).host) {
      const found = node.closest(wanted);
      if (found) return found;
    }
    return null;
  };
  const within = (element, container) => {
    let node = element;
    while (node && node !== container) node = parentOf(node);
    return node !== null;
  };
  // What lies outside of a modal dialog cannot be used while that is open.
  const modal = [...document.querySelectorAll('dialog')].filter((element) => element.matches(':modal')).pop();
  const clips = (node, style) => {
    if (style.overflowX === 'visible' || [document.body, document.documentElement].includes(node)) return false;
    const box = node.getBoundingClientRect();
    return box.width < 2 || box.height < 2;
  };
  // How an element shows what is in it.
  const lookOf = once((node) => {
    const style = getComputedStyle(node);
    return {
      off: node.hasAttribute('inert') || node.getAttribute('aria-hidden') === 'true',
      clear: style.opacity === '0',
      clips: clips(node, style),
      // What clips around it does not clip it.
      fixed: ['fixed', 'absolute'].includes(style.position),
    };
  });
  const shown = (element) => {
    // False in a closed <details>, too.
    if (!element.checkVisibility() || getComputedStyle(element).visibility !== 'visible') return false;
    let fixed = false;
    for (let node = element; node; node = parentOf(node)) {
      const look = lookOf(node);
      if (look.off || (node !== element && (look.clear || (look.clips && !fixed)))) return false;
      fixed ||= look.fixed;
    }
    if (modal && !within(element, modal)) return false;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return false;
    const width = Math.max(document.documentElement.scrollWidth, innerWidth);
    return box.right > 0 && box.left < width && box.bottom + scrollY > 0;
  };
  const squeeze = (text) => (text || '').replace(/\s+/g, ' ').trim().slice(0, 120);
  const labels = (element) => element.labels ? [...element.labels] : [];
  const labelOf = (element) => {
    const ids = (element.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean);
    const referenced = ids.map((id) => root(element).getElementById ? root(element).getElementById(id) : null);
    const texts = [...referenced, ...labels(element)].filter(Boolean).map((label) => squeeze(label.innerText));
    return squeeze(element.getAttribute('aria-label') || texts.join(' '));
  };
  const nameOf = (element) => {
    const label = labelOf(element);
    if (label) return label;
    if (element instanceof HTMLInputElement) return squeeze(element.value || element.alt || element.title);
    const image = element.querySelector('img[alt], svg[aria-label]');
    const slotted = [...element.querySelectorAll('slot')].flatMap((slot) => slot.assignedNodes({ flatten: true }));
    return squeeze(element.innerText || slotted.map((node) => node.textContent).join(' ').trim() || element.title ||
      (image && (image.getAttribute('alt') || image.getAttribute('aria-label'))));
  };
  const kindOf = (element) => {
    const role = element.getAttribute('role') || '';
    if (element instanceof HTMLInputElement) {
      const type = element.type;
      if (['hidden', 'reset', 'file', 'color', 'range'].includes(type)) return null;
      if (['submit', 'button', 'image'].includes(type)) return 'button';
      // Pages that cover the letters themselves, or show them on demand, have a text input.
      const hidden = !['', 'none', undefined].includes(getComputedStyle(element).webkitTextSecurity);
      if (hidden || /\b(current|new)-password\b/.test(element.autocomplete)) return 'password';
      return ['checkbox', 'radio', 'password'].includes(type) ? type : 'text';
    }
    if (element instanceof HTMLTextAreaElement) return 'text';
    if (element instanceof HTMLSelectElement) return 'select';
    if (element instanceof HTMLButtonElement) return element.type === 'reset' ? null : 'button';
    if (['checkbox', 'switch'].includes(role)) return 'checkbox';
    if (role === 'radio') return 'radio';
    if (element instanceof HTMLAnchorElement && role !== 'button') return 'link';
    return 'button';
  };
  const languageOf = (element) => {
    const marked = element.closest('[lang]') || document.documentElement;
    return (marked.getAttribute('lang') || '').split(/[-_]/)[0].toLowerCase().replace(/^no$/, 'nb');
  };
  const surroundings = (element) => {
    const words = [];
    // The document's own classes tell of the browser ("js cookies svg"), not of this.
    const roots = [document.body, document.documentElement];
    for (let node = element, depth = 0; node && !roots.includes(node) && depth < 6; node = parentOf(node), depth += 1) {
      words.push(node.id || '', typeof node.className === 'string' ? node.className : '');
    }
    return words.join(' ').slice(0, 400);
  };
  const selector = 'input, textarea, select, button, a[href], summary, [onclick], [tabindex="0"], ' +
    '[role=button], [role=link], [role=checkbox], [role=switch], [role=radio], [role=option], [role=menuitem]';
  // Scripts make buttons of anything; the pointer says so.
  const hasPointer = once((element) => getComputedStyle(element).cursor === 'pointer');
  const pointed = (element) => {
    if (element.childElementCount > 2 || !hasPointer(element)) return false;
    const parent = parentOf(element);
    if (!parent || hasPointer(parent)) return false;
    const text = element.textContent.trim();
    return text !== '' && text.length <= 60 && !closest(element, `label, ${selector}`) &&
      !element.querySelector(`label, ${selector}`);
  };
  // What a form is for: its headings, or else the last one before it, and how it calls itself.
  const headings = 'h1, h2, h3, h4, legend, [role=heading]';
  const purposeOf = once((form) => {
    const inside = [...form.querySelectorAll(headings)].filter(shown).map((element) => squeeze(element.innerText));
    const before = [...root(form).querySelectorAll(headings)].filter(shown).filter((element) =>
      element.compareDocumentPosition(form) & Node.DOCUMENT_POSITION_FOLLOWING);
    const texts = inside.length ? inside : before.slice(-1).map((element) => squeeze(element.innerText));
    return [...texts, form.getAttribute('aria-label') || ''].join(' ').trim();
  });
  const visit = (tree) => {
    for (const element of tree.querySelectorAll('*')) {
      if (element.shadowRoot) visit(element.shadowRoot);
      if (!element.matches(selector) && !pointed(element)) continue;
      const kind = kindOf(element);
      if (!kind) continue;
      const box = kind === 'checkbox' || kind === 'radio';
      // Styled boxes hide the input itself and show its label.
      if (!shown(element) && !(box && labels(element).some(shown))) continue;
      // A trap: a field that no person sees is filled in by robots alone.
      if (['text', 'password'].includes(kind) && lookOf(element).clear) continue;
      if (!box && element.tabIndex < 0 && element.hasAttribute('tabindex')) continue;
      const form = element.form || closest(element, 'form');
      if (form && !forms.includes(form)) forms.push(form);
      const disabled = element.disabled === true || element.matches(':disabled') ||
        element.getAttribute('aria-disabled') === 'true';
      controls.push({
        kind,
        type: element.type || '',
        text: kind === 'button' || kind === 'link' ? nameOf(element) : labelOf(element),
        name: element.getAttribute('name') || '',
        id: element.id || '',
        autocomplete: (element.getAttribute('autocomplete') || '').toLowerCase(),
        placeholder: element.getAttribute('placeholder') || '',
        value: kind === 'text' ? element.value || '' : kind === 'button' ? element.getAttribute('value') || '' : '',
        filled: kind === 'password' ? element.value !== '' : false,
        enabled: !disabled && !element.readOnly,
        checked: element.checked === true || element.getAttribute('aria-checked') === 'true',
        max_length: element.maxLength > 0 ? element.maxLength : 0,
        form: form ? forms.indexOf(form) : -1,
        form_posts: !!form && (element.getAttribute('formmethod') || form.method || '').toLowerCase() === 'post',
        submits: !!form && ((element instanceof HTMLButtonElement && element.type === 'submit') ||
          (element instanceof HTMLInputElement && ['submit', 'image'].includes(element.type))),
        required: element.required === true || element.getAttribute('aria-required') === 'true',
        purpose: form ? purposeOf(form) : '',
        form_names: form ? [form.getAttribute('action') || '', form.id || '', form.getAttribute('name') || ''].join(' ') : '',
        surroundings: surroundings(element),
        language: languageOf(element),
      });
      elements.push(element);
    }
  };
  if (document.body) visit(document);
  // What lies over a control takes its click, whatever it is called.
  const layers = [];
  const layerOver = (element) => {
    const box = element.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const top = x >= 0 && y >= 0 && x < innerWidth && y < innerHeight ? document.elementFromPoint(x, y) : null;
    if (!top || root(element) !== document || element.contains(top) || top.contains(element) ||
        labels(element).some((label) => label.contains(top))) return null;
    let layer = top;
    while (layer.parentElement && !layer.parentElement.contains(element)) layer = layer.parentElement;
    return layer;
  };
  elements.forEach((element, number) => {
    const layer = shown(element) ? layerOver(element) : null;
    controls[number].covered = layer !== null;
    if (layer && !layers.includes(layer)) layers.push(layer);
  });
  elements.forEach((element, number) => {
    controls[number].covering = layers.some((layer) => within(element, layer));
  });
  // A challenge that is shown, not the badge of one that works unseen.
  const challenges = [...document.querySelectorAll('iframe[src*=captcha i], iframe[src*=challenges i], ' +
    '[class*=captcha i], [id*=captcha i], .cf-turnstile, img[src*=captcha i]')].filter((element) => {
    const box = element.getBoundingClientRect();
    return shown(element) && box.width >= 60 && box.height >= 20 && element.dataset.size !== 'invisible' &&
      !element.closest('.grecaptcha-badge');
  });
  const texts = [...document.querySelectorAll('h1, h2, h3, legend, [role=heading], [role=alert], [class*=error i]')];
  // Without scripts, frames and refreshes, a page that has loaded stays as it is.
  const moving = document.querySelector('script:not([type="application/json"]):not([type="application/ld+json"]), ' +
    'iframe, frame, meta[http-equiv=refresh i], [onload]') !== null;
  // A page may say itself that it goes on to another one, and when.
  const refresh = document.querySelector('meta[http-equiv=refresh i]');
  const [, leavesIn] = (refresh && /^\s*(\d{1,4})[\d.]*\s*[;,\s]\s*\S/.exec(refresh.content)) || [0, 0];
  // Terms, for example: their button may wait until they are scrolled to the end.
  const unread = [document.documentElement, ...document.querySelectorAll('body *')].filter((element) =>
    element.scrollHeight - element.clientHeight - element.scrollTop > 4 && element.clientHeight > 20 &&
    (element === document.documentElement || /auto|scroll/.test(getComputedStyle(element).overflowY)));
  return {
    elements,
    layers,
    unread,
    data: {
      unread: unread.length > 0,
      stirs: window.__endpointDocsStirs ? window.__endpointDocsStirs() : false,
      leaves_in: Number(leavesIn),
      still: document.readyState === 'complete' && !moving,
      document: String(performance.timeOrigin),
      ready: document.readyState !== 'loading',
      title: squeeze(document.title),
      headings: texts.filter(shown).map((element) => squeeze(element.innerText)).filter(Boolean).slice(0, 12),
      body: squeeze(document.body ? document.body.innerText : ''),
      captcha: challenges.length > 0,
      language: languageOf(document.documentElement),
      controls,
    },
  };
}
