import { actions, type Action, type Change } from '../core/change.ts';
import { isHostLike } from '../core/fields.ts';
import type { Plan } from '../core/plan.ts';
import { alignRows, clean, count, paint, showDuration, type Look } from './screen.ts';
import { showDeclared, showField } from './values.ts';

/** What a run cost, for the first line. */
export interface Cost {
  readonly requests: { readonly GET: number; readonly POST: number };
  readonly ms: number;
}

/** The symbol of each action; product.md §3. */
export const symbols = {
  create: '+',
  adopt: '=',
  'no-op': ' ',
  update: '~',
  replace: '±',
  delete: '-',
  forget: 'x',
  conflict: '!',
} as const satisfies Record<Action, string>;

const colours = {
  create: 'green',
  adopt: 'cyan',
  update: 'yellow',
  replace: 'yellow',
  delete: 'red',
  forget: 'dim',
  conflict: 'red',
  'no-op': 'dim',
} as const;

/** The whole plan as people read it. The last line is for scripts too (product.md §4). */
export function renderPlan(plan: Plan, look: Look, cost: Cost | null): string {
  const lines = look.quiet
    ? plan.guards.map((guard) => `! ${guard.text}`)
    : [renderHeader(plan, cost), '', ...renderBody(plan, look)];
  return [...lines, renderSummary(plan)].join('\n') + '\n';
}

function renderBody(plan: Plan, look: Look): readonly string[] {
  return [
    ...renderGuards(plan, look),
    ...renderChanges(plan, look),
    ...plan.moves.map(({ from, to }) => `  ${to} was ${from}: the record follows at the next apply`),
    ...renderRest(plan),
  ];
}

/** `crm · api.cloud-elements.com · 5 declared, 4 recorded, 6 live (1 GET, 0.3 s)` */
export function renderHeader(plan: Plan, cost: Cost | null): string {
  const { declared, recorded, live } = plan.counts;
  const seen = plan.live
    ? `${String(declared)} declared, ${String(recorded)} recorded, ${String(live)} live`
    : `${String(declared)} declared, ${String(recorded)} recorded, offline: nothing was asked, so what lives is not known`;
  const paid =
    cost === null || !plan.live ? '' : ` (${String(cost.requests.GET)} GET, ${showDuration(cost.ms)})`;
  return `${plan.project} · ${hostOf(plan.baseUrl)} · ${seen}${paid}`;
}

/** The host of a base URL, as people name an account. */
export function hostOf(baseUrl: string): string {
  return clean(/^[a-z]+:\/\/([^/]+)/i.exec(baseUrl)?.[1] ?? baseUrl);
}

/** The banner of a guard, with what releases it. */
export function renderGuards(plan: Plan, look: Look): readonly string[] {
  return plan.guards.flatMap((guard) => [
    paint(look).red(`! ${guard.text}`),
    `    Asked: ${hostOf(plan.baseUrl)}${plan.user === null ? '' : `; the state is of user ${String(plan.user)}`}.`,
    "    Usually this is another user's secret, another region, or an outage. Nothing will be created or forgotten.",
    `    If they are really gone:  instate apply --expect-missing ${String(guard.missing)}  (or approve this very plan by its digest)`,
    '',
  ]);
}

function renderChanges(plan: Plan, look: Look): readonly string[] {
  const ordered = actions.flatMap((action) => plan.changes.filter((change) => change.action === action));
  const heads = alignRows(
    ordered.map((change) => [
      `${symbols[change.action]} ${change.address}`,
      clean(change.element),
      `"${clean(change.name)}"`,
      change.instanceId === null ? '' : `#${String(change.instanceId)}`,
      change.held ? 'held' : '',
      change.source === null ? '' : `${clean(change.source.file)}:${String(change.source.line)}`,
    ]),
  );
  const painter = paint(look);
  return ordered.flatMap((change, at) => {
    const head = heads[at] ?? '';
    return [
      painter[colours[change.action]](head.slice(0, 1)) + head.slice(1),
      ...renderDetails(change, look),
      '',
    ];
  });
}

function renderDetails(change: Change, look: Look): readonly string[] {
  // What apply waits for, it may create.
  const isCreate = change.action === 'create' || change.action === 'conflict';
  const fields = isCreate
    ? look.verbose
      ? change.fields.map(showDeclared)
      : []
    : change.fields.map(showField);
  const review = isCreate && !look.verbose ? renderReview(change) : [];
  return [...alignRows(fields), clean(change.reason.text), ...review, ...renderNeeds(change)].map(
    (line) => `    ${line}`,
  );
}

/** What a reviewer of a stranger's change has to see of a create: which secrets it takes, and where they go (safety.md F2). */
function renderReview({ fields }: Change): readonly string[] {
  const references = [...new Set(fields.flatMap((field) => field.references ?? []))].sort();
  const hosts = fields.filter(({ path }) => isHostLike(path) || path === 'externalAuthentication');
  return [
    ...(references.length === 0 ? [] : [`reads ${references.map(clean).join(', ')}`]),
    ...hosts.map((field) => showDeclared(field).join(': ')),
  ];
}

/** What a create still lacks. */
export function renderNeeds({ needs }: Change): readonly string[] {
  const commands = needs.filter((name) => name.startsWith('exec:'));
  const unset = needs.filter((name) => !name.startsWith('exec:'));
  return [
    ...(unset.length === 0 ? [] : [`needs ${unset.map(clean).join(', ')}: not set`]),
    ...(commands.length === 0
      ? []
      : [`needs ${commands.map(clean).join(', ')}: run by  instate apply --allow-exec`]),
  ];
}

const health = { disabled: 'disabled', invalid: 'not valid', retired: 'of a retired element' } as const;

function renderRest(plan: Plan): readonly string[] {
  const lines = [
    ...plan.health.map(({ address, kind }) => `${address} is ${health[kind]} (health, not drift).`),
    ...listRemarks(plan),
    ...(plan.changes.length > 0 && plan.live ? [`Digest: ${plan.digest}`] : []),
  ];
  return lines.length === 0 ? [] : [...lines, ''];
}

/** What holds for the whole plan, one line each. */
export function listRemarks(plan: Plan): readonly string[] {
  const { unmanaged, notVerified, summary } = plan;
  return [
    ...(notVerified.length === 0
      ? []
      : [
          `${count(notVerified.length, 'value')} not verified: masked by the service, and not known to be the one last applied.`,
        ]),
    ...(unmanaged === null || unmanaged === 0
      ? []
      : [
          `${count(unmanaged, 'unmanaged instance')} ${unmanaged === 1 ? 'lives' : 'live'} in this account (instate drift lists them).`,
        ]),
    ...(summary.noop > 0 && plan.changes.length > 0
      ? [`${count(summary.noop, 'instance')} as declared.`]
      : []),
    ...renderSources(plan),
  ];
}

const usualSources = ['env:CE_USER_SECRET', 'env:CE_ORGANIZATION_SECRET'];

/** What a reviewer has to see besides the creates: whose secrets are sent, and what would be run (safety.md F2). */
function renderSources({ sources }: Plan): readonly string[] {
  const { account, commands } = sources;
  const isUsual = account.join() === usualSources.join();
  return [
    ...(isUsual ? [] : [`The account's secrets come from ${account.map(clean).join(', ')}.`]),
    ...commands.map(
      ({ name, words }) => `exec:${clean(name)} is what this prints: ${words.map(clean).join(' ')}`,
    ),
  ];
}

/** The last line of a plan. */
export function renderSummary({ changes, summary }: Plan): string {
  if (changes.length === 0) {
    return `No changes. ${count(summary.noop, 'instance')} ${summary.noop === 1 ? 'is' : 'are'} as declared.`;
  }
  const { create, adopt, forget, held, conflict } = summary;
  return `Plan: ${String(create)} to create, ${String(adopt)} to adopt, ${String(forget)} to forget, ${String(held)} held, ${count(conflict, 'conflict')}.`;
}
