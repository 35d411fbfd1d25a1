import { html, nothing, cutText, type Html } from './escaping.ts';
import type { Fate } from './journal.ts';
import type { AccountRow, FaultRow, RequestRow } from './page-data.ts';
import type { InstanceRow } from './page-instances.ts';
import { writePageQuery } from './page-query.ts';

/** A column's name, and whether it holds numbers. */
type Column = string | { readonly number: string };

const MAX_TAGS = 20;
const MAX_TAG = 100;

/** The accounts; the one whose instances are shown is marked. */
export function renderAccounts(accounts: readonly AccountRow[], shown: number | null): Html {
  const rows = accounts.map(({ userId, instances, clones, formulas }) => {
    const link = writePageQuery({ account: userId }, 'instances');
    return html`<tr aria-current="${userId === shown ? 'true' : 'false'}">
      <th scope="row"><a href="${link}">${userId}</a></th>
      <td class="number">${instances}</td>
      <td class="number">${clones}</td>
      <td class="number">${formulas}</td>
    </tr>`;
  });
  const columns = [
    'User id',
    { number: 'Instances' },
    { number: 'Clones of elements' },
    { number: 'Formulas' },
  ];
  return renderTable('small', 'Accounts, by user id', columns, rows);
}

/** Instances, with what they are called, but nothing of their configuration. */
export function renderInstances(caption: string, instances: readonly InstanceRow[]): Html {
  const rows = instances.map(({ id, name, elementKey, tags, createdDate, disabled, dependents }) => {
    const state = disabled
      ? html`<span class="warn">disabled</span>`
      : html`<span class="good">enabled</span>`;
    return html`<tr>
      <th scope="row">${id}</th>
      <td class="text"><bdi>${cutText(name)}</bdi></td>
      <td class="text"><bdi>${cutText(elementKey)}</bdi></td>
      <td class="text">${renderTags(tags)}</td>
      <td>${renderTime(createdDate, 'day')}</td>
      <td>${state}</td>
      <td class="number">${dependents ?? '–'}</td>
    </tr> `;
  });
  const columns = ['Id', 'Name', 'Element', 'Tags', 'Created', 'State', { number: 'Dependents' }];
  return renderTable('wide', caption, columns, rows);
}

/** The last requests. */
export function renderRequests(requests: readonly RequestRow[]): Html {
  const rows = requests.map(
    ({ at, method, path, status, faults }) =>
      html`<tr>
        <td>${renderTime(at, 'hour')}</td>
        <td class="word">${cutText(method)}</td>
        <td class="text path"><code>${path}</code></td>
        <td class="word">${renderFate(status)}</td>
        <td class="word">${faults.join(', ')}</td>
      </tr> `,
  );
  const columns = ['Time', 'Method', 'Path', 'Status', 'Faults that met it'];
  return renderTable('wide', `The last ${requests.length} requests, newest first`, columns, rows);
}

/** How often each operation was called. */
export function renderCounts(counts: readonly (readonly [string, number])[]): Html {
  const rows = counts.map(
    ([operation, count]) =>
      html`<tr>
        <th scope="row"><code>${cutText(operation)}</code></th>
        <td class="number">${count}</td>
      </tr> `,
  );
  return renderTable(
    'small',
    'Requests since the start or the last reset',
    ['Operation', { number: 'Requests' }],
    rows,
  );
}

/** The faults that have not run out. */
export function renderFaults(faults: readonly FaultRow[]): Html {
  const rows = faults.map(
    ({ on, does, nth, times, met }) =>
      html`<tr>
        <th scope="row"><code>${on}</code></th>
        <td class="word">${does}</td>
        <td class="number">${nth}</td>
        <td class="number">${times}</td>
        <td class="number">${met}</td>
      </tr> `,
  );
  const columns = ['On', 'Does', { number: 'From request' }, { number: 'Times' }, { number: 'Met so far' }];
  return renderTable(
    'small',
    'Faults still to come, in the order in which they were scripted',
    columns,
    rows,
  );
}

/** A table in a box that scrolls by itself, by keyboard too. A small one is no wider than what is in it. */
function renderTable(
  width: 'wide' | 'small',
  caption: string,
  columns: readonly Column[],
  rows: readonly Html[],
): Html {
  const heads = columns.map((column) =>
    typeof column === 'string'
      ? html`<th scope="col">${column}</th>`
      : html`<th scope="col" class="number">${column.number}</th>`,
  );
  return html`<div class="scroll ${width}" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function renderTags(tags: readonly string[]): Html {
  if (tags.length === 0) return html`<span class="faint">none</span>`;
  const items = tags.slice(0, MAX_TAGS).map((tag) => html`<li><bdi>${cutText(tag, MAX_TAG)}</bdi></li>`);
  const more = tags.length - MAX_TAGS;
  return html`<ul class="tags">
    ${items}${more > 0 ? html`<li>and ${more} more</li>` : nothing}
  </ul>`;
}

/** A moment in UTC; the day of a request shows when it is pointed at. */
function renderTime(iso: string, from: 'day' | 'hour'): Html {
  const text = iso.replace('T', ' ').replace('Z', '');
  return html`<time datetime="${iso}" title="${text} UTC">${from === 'day' ? text : text.slice(11)}</time>`;
}

function renderFate(status: Fate): Html {
  if (status === null) return html`<span class="warn">no answer yet</span>`;
  if (status === 'closed') return html`<span class="bad">connection closed</span>`;
  return html`<span class="${status < 400 ? 'good' : 'bad'}">${status}</span>`;
}
