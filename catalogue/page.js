(() => {
  const LIMIT = 150; // entries shown for a search; nobody reads on beyond them
  const list = document.getElementById('entries');
  const search = document.getElementById('search');
  const found = document.getElementById('found');
  const filters = document.querySelector('.filters');
  const nodes = [...list.children];
  const entries = nodes
    .map((node, place) => ({ node, place }))
    .filter(({ node }) => node.matches('article'))
    .map((entry) => {
      const names = entry.node.dataset.names.toLowerCase().split(' ');
      return { ...entry, names, text: `${names.join(' ')} ${entry.node.textContent.toLowerCase()}` };
    });
  const shows = {
    all: () => true,
    rules: (node) => node.dataset.ways !== 'none',
    differs: (node) => 'differs' in node.dataset,
    refused: (node) => 'refused' in node.dataset,
    one: (node) => node.dataset.ways === 'torch' || node.dataset.ways === 'tensorflow',
    none: (node) => node.dataset.ways === 'none',
  };

  /** How well a word fits an entry: a whole name, its last part, the beginning of one, inside a name, in the text. */
  function score({ names, text }, word) {
    let best = text.includes(word) ? 1 : 0;
    for (const name of best ? names : []) {
      const last = name.slice(name.lastIndexOf('.') + 1);
      const fit = name === word ? 6 : last === word ? 5 : last.startsWith(word) ? 4 : name.startsWith(word) ? 3 : name.includes(word) ? 2 : 1;
      best = Math.max(best, fit);
    }
    return best;
  }

  function update() {
    const words = search.value.toLowerCase().replace(/\(.*$/, '').replace('tf.keras.', 'keras.').split(/\s+/).filter(Boolean);
    const show = shows[new FormData(filters).get('show')];
    const kept = [];
    for (const entry of entries) {
      if (!show(entry.node)) continue;
      const scores = words.map((word) => score(entry, word));
      if (scores.every(Boolean)) kept.push({ ...entry, rank: scores.reduce((sum, one) => sum + one, 0) });
    }
    if (words.length) {
      kept.sort((a, b) => b.rank - a.rank || a.names[0].length - b.names[0].length || a.place - b.place);
      list.replaceChildren(...kept.slice(0, LIMIT).map(({ node }) => node));
    } else {
      const wanted = new Set(kept.map(({ node }) => node));
      list.replaceChildren(...nodes.filter((node, place) => wanted.has(node) || (node.matches('h2') && nextIsWanted(place, wanted))));
    }
    if (!kept.length) {
      const nothing = document.createElement('p');
      nothing.className = 'nothing';
      nothing.textContent = 'Nothing holds all of these words.';
      list.replaceChildren(nothing);
    }
    const more = words.length && kept.length > LIMIT ? `, the first ${LIMIT} shown` : '';
    found.textContent = `${kept.length} of ${entries.length}${more}`;
  }

  function nextIsWanted(place, wanted) {
    for (let at = place + 1; at < nodes.length && nodes[at].matches('article'); at++) if (wanted.has(nodes[at])) return true;
    return false;
  }

  function move(step) {
    const shown = [...list.querySelectorAll('article')];
    const here = shown.indexOf(document.activeElement.closest('article'));
    const first = shown.findIndex((node) => node.getBoundingClientRect().top > 100);
    const next = shown[Math.min(Math.max(here < 0 ? first : here + step, 0), shown.length - 1)];
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: 'start' });
  }

  /** A link to an entry that a search has taken away brings everything back. */
  function follow() {
    const id = decodeURIComponent(location.hash.slice(1));
    if (!id || document.getElementById(id)) return;
    search.value = '';
    filters.reset();
    update();
    document.getElementById(id)?.scrollIntoView();
  }

  const theme = document.getElementById('theme');
  const themes = ['system', 'light', 'dark'];
  function colour(name) {
    document.documentElement.dataset.theme = name;
    theme.textContent = `Colours: ${name}`;
    theme.title = 'Change between the colours of the system, light and dark';
    try {
      localStorage.setItem('diptych-theme', name);
    } catch {
      // A page that was opened as a file may have no storage.
    }
  }
  let stored = 'system';
  try {
    stored = localStorage.getItem('diptych-theme') ?? 'system';
  } catch {
    // As above.
  }
  colour(themes.includes(stored) ? stored : 'system');

  theme.addEventListener('click', () => colour(themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length]));
  search.addEventListener('input', () => {
    update();
    const top = filters.offsetTop - document.querySelector('.top').offsetHeight;
    if (scrollY > list.offsetTop) scrollTo({ top });
  });
  filters.addEventListener('change', update);
  filters.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('hashchange', follow);
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape' && (search.value || document.activeElement === search)) {
      search.value = '';
      search.blur();
      update();
    } else if (document.activeElement === search) {
      if (event.key === 'Enter' || event.key === 'ArrowDown') {
        event.preventDefault();
        list.querySelector('article')?.focus({ preventScroll: true });
      }
    } else if (event.key === '/') {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === 'j' || event.key === 'k') move(event.key === 'j' ? 1 : -1);
  });
  update();
})();
