import { html, nothing, cutText, type Html } from './escaping.ts';
import type { PageData } from './page-data.ts';
import { renderHowTo } from './page-how-to.ts';
import { MAX_SEARCH, writePageQuery } from './page-query.ts';
import { pageStyle } from './page-style.ts';
import {
  renderAccounts,
  renderCounts,
  renderFaults,
  renderInstances,
  renderRequests,
} from './page-tables.ts';

const style: Html = { html: `<style>${pageStyle}</style>` };

/** Renders the page from what was gathered, and from nothing else. */
export function renderPage(data: PageData): string {
  const { totals, faults, moreFaults, host } = data;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>instate sandbox at ${host}</title>
        ${style}
      </head>
      <body>
        <header>
          <h1>instate sandbox</h1>
          <p>Base URL <code>http://${host}/elements/api-v2</code></p>
          <p class="faint">
            ${count(totals.accounts, 'account')}, ${count(totals.instances, 'instance')},
            ${count(totals.requests, 'request')}, ${count(faults.length + moreFaults, 'fault')} still to come.
            In memory, as of this answer: load it again for what came since.
          </p>
          <nav aria-label="Parts of this page">
            <ul>
              <li><a href="#accounts">Accounts</a></li>
              <li><a href="#instances">Instances</a></li>
              <li><a href="#requests">Requests</a></li>
              <li><a href="#faults">Faults</a></li>
              <li><a href="#quirks">Quirks</a></li>
              <li><a href="#how-to">How to use it</a></li>
            </ul>
          </nav>
        </header>
        <main>
          ${renderSection('accounts', 'Accounts', renderAccountPart(data))}
          ${renderSection('instances', 'Instances', renderInstancePart(data))}
          ${renderSection('requests', 'Requests', renderRequestPart(data))}
          ${renderSection('faults', 'Faults', renderFaultPart(data))}
          ${renderSection('quirks', 'Quirks turned off', renderQuirkPart(data))}
          ${renderSection('how-to', 'How to use it', renderHowTo(host))}
        </main>
      </body>
    </html> `;
  return page.html;
}

function renderSection(id: string, title: string, content: Html): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${content}
  </section>`;
}

function renderAccountPart({ accounts, account, moreAccounts, query, totals }: PageData): Html {
  if (totals.accounts === 0) {
    return html`<p>
      None yet. The first call with a pair of user and organization secret opens one: any pair will do.
    </p>`;
  }
  const first =
    query.accountsAfter === 0
      ? nothing
      : html`<a href="${writePageQuery({ account }, 'accounts')}">First accounts</a>`;
  const next =
    moreAccounts === null
      ? nothing
      : html`<a href="${writePageQuery({ account, accountsAfter: moreAccounts }, 'accounts')}" rel="next"
          >Next accounts</a
        >`;
  return html`${renderAccounts(accounts, account)}
    <p class="pages">${first}${next}</p>`;
}

function renderInstancePart({ account, instances, query, totals }: PageData): Html {
  if (account === null || instances === null) {
    if (totals.accounts === 0) return html`<p>None yet.</p>`;
    return html`<p>There is no account ${query.account ?? 0}. Those there are stand above.</p>`;
  }
  const { rows, first, total, hidden, isUnfinished } = instances;
  const { search } = query;
  const range = `${first} to ${first + rows.length - 1} of ${total}`;
  const caption =
    search === ''
      ? `Instances ${range} of account ${account}, by id`
      : `Instances of account ${account} with “${cutText(search)}” in name or tag, by id`;
  const none = search === '' ? 'No instances here.' : 'No instance found.';
  const table =
    rows.length === 0
      ? html`<p>${isUnfinished ? 'None found so far.' : none}</p>`
      : renderInstances(caption, rows);
  const kept =
    hidden === 0
      ? nothing
      : html`<p class="warn">${count(hidden, 'instance')} more: kept out of lists by a fault just now.</p>`;
  return html`<p class="faint">Account ${account}: ${count(total, 'instance')}.</p>
    ${kept}${renderSearch(account, search)} ${table} ${renderLinks(account, search, instances)}`;
}

function renderSearch(account: number, search: string): Html {
  const all =
    search === '' ? nothing : html`<a href="${writePageQuery({ account }, 'instances')}">Show all</a>`;
  return html`<form method="get" action="/#instances" role="search">
    <input type="hidden" name="account" value="${account}" />
    <label for="search">Name or tag</label>
    <input id="search" name="search" type="search" maxlength="${MAX_SEARCH}" value="${search}" />
    <button type="submit">Search</button>
    ${all}
  </form>`;
}

function renderLinks(
  account: number,
  search: string,
  { next, previous, isUnfinished }: NonNullable<PageData['instances']>,
): Html {
  const link = (after: number): string => writePageQuery({ account, after, search }, 'instances');
  const back = previous === null ? nothing : html`<a href="${link(previous)}" rel="prev">Previous</a>`;
  const first = previous === null || previous === 0 ? nothing : html`<a href="${link(0)}">First</a>`;
  const label = isUnfinished ? 'Search on' : 'Next';
  const on = next === null ? nothing : html`<a href="${link(next)}" rel="next">${label}</a>`;
  return html`<p class="pages">${first}${back}${on}</p>`;
}

function renderRequestPart({ requests, counts }: PageData): Html {
  if (requests.length === 0) return html`<p>None yet.</p>`;
  return html`<p class="faint">Times are UTC. In queries … stands for values that could be secret.</p>
    ${renderRequests(requests)} ${renderCounts(counts)}`;
}

function renderFaultPart({ faults, moreFaults }: PageData): Html {
  if (faults.length === 0) return html`<p>None to come.</p>`;
  const more = moreFaults === 0 ? nothing : html`<p>And ${moreFaults} more.</p>`;
  return html`${renderFaults(faults)}${more}`;
}

function renderQuirkPart({ quirksOff }: PageData): Html {
  if (quirksOff.length === 0)
    return html`<p>None: what is only inferred of the service is as instate takes it to be.</p>`;
  const items = quirksOff.map(
    ([name, meaning]) =>
      html`<dt><code>${name}</code></dt>
        <dd>${meaning}</dd>`,
  );
  return html`<dl>${items}</dl>`;
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}
