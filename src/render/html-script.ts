/**
 * The script of an HTML report, between `<script>` and `</script>` as it stands: the policy names it by its hash. It reveals the
 * filters, and keeps what they are set to behind the `#` of the address. Without it the page is complete, but has no filters.
 */
export const htmlScript = `
'use strict';
(() => {
  const form = document.querySelector('form');
  if (form === null) return;
  const shown = document.getElementById('shown');
  const facets = ['outcome', 'level', 'kind'];
  const items = Array.from(document.querySelectorAll('article'), (node) => ({
    node,
    text: node.textContent.toLowerCase(),
    outcome: node.classList.contains('fails') ? 'fails' : 'passes',
    level: node.classList[0],
    kind: node.dataset.kind,
  }));
  const write = (n) => n.toLocaleString('en-US');
  let timer = 0;

  /** Within a facet any of the checked ones will do, none checked allows all; every word searched for has to be there. */
  function filter() {
    const data = new FormData(form);
    const words = data.get('search').toLowerCase().split(' ').filter((word) => word !== '');
    const wanted = facets.map((facet) => [facet, data.getAll(facet)]).filter(([, values]) => values.length > 0);
    let count = 0;
    for (const item of items) {
      const fits =
        wanted.every(([facet, values]) => values.includes(item[facet])) &&
        words.every((word) => item.text.includes(word));
      if (fits) count += 1;
      if (item.node.hidden === fits) item.node.hidden = !fits;
    }
    shown.textContent = write(count) + ' of ' + write(items.length) + ' shown';
  }

  function remember() {
    const set = Array.from(new FormData(form)).filter(([, value]) => value !== '');
    const hash = set.length === 0 ? '' : '#' + new URLSearchParams(set);
    try {
      history.replaceState(null, '', location.href.split('#')[0] + hash);
    } catch {
      // A frame may forbid it: then there is no address to share.
    }
  }

  function restore() {
    const set = new URLSearchParams(location.hash.slice(1));
    for (const control of form.elements) {
      if (control.type === 'checkbox') control.checked = set.getAll(control.name).includes(control.value);
      if (control.type === 'search') control.value = set.get('search') || '';
    }
    filter();
  }

  function change() {
    filter();
    // Browsers refuse to be told at every key.
    clearTimeout(timer);
    timer = setTimeout(remember, 300);
  }

  form.addEventListener('input', change);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.querySelector('button').addEventListener('click', () => {
    form.reset();
    form.elements.search.focus();
    change();
  });
  addEventListener('hashchange', restore);
  for (const node of form.querySelectorAll('[hidden]')) node.hidden = false;
  restore();
})();
`;

/** SHA-256 of the script, as a policy writes it. */
export const htmlScriptHash = 'sha256-YMG2ZpB0eEyjADnj/qSECJGc8FjmfQX0GTx97cAmW68=';
