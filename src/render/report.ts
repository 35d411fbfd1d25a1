import type { Declaration } from '../core/model.ts';
import type { Diagnostic } from '../diagnostics.ts';

/** How much an item matters; the words of SARIF. */
export type Level = 'error' | 'warning' | 'note';

/** A place in a declaration file; `file` is relative to the root of the checkout, with slashes. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** A field before and after, on one line each; sensitive values stand as `(sensitive)`. */
export interface ReportField {
  readonly path: string;
  /** What lives; null where there is nothing to compare with. */
  readonly live: string | null;
  readonly declared: string;
}

/** One finding, in words that every format draws its own way. Text from outside is cleaned, and not escaped for any medium. */
export interface ReportItem {
  /** Stable: `plan/create`, `drift/changed`, `apply/failed`, `problem/<code>`. */
  readonly rule: string;
  /** The word that people read: `create`, `changed`, `failed`. */
  readonly kind: string;
  readonly level: Level;
  /** It counts against the exit code, or stops an apply. */
  readonly fails: boolean;
  readonly address: string | null;
  readonly element: string | null;
  readonly name: string | null;
  readonly instanceId: number | null;
  /** One sentence. */
  readonly text: string;
  /** What to do, what is read, where it goes; one line each. */
  readonly details: readonly string[];
  readonly fields: readonly ReportField[];
  /** Where it is declared; null where it is not. */
  readonly place: Place | null;
}

/** What a run answers, for whoever is no terminal and no script: the one source of all formats but text and JSON. */
export interface Report {
  readonly command: string;
  readonly project: string | null;
  /** The account's host, or null where it is not known yet. */
  readonly host: string | null;
  readonly version: string;
  /** ISO, UTC. */
  readonly timestamp: string;
  /** How long the run took, ms. */
  readonly ms: number;
  /** The last line of the text: `Plan: 2 to create, …`. */
  readonly summary: string;
  /** The run did what it was asked and nothing fails. */
  readonly ok: boolean;
  /** It came to its answer, whatever that says; else the items say what stopped it. */
  readonly answered: boolean;
  /** `sha256:…` of a plan that was made online, and beside no other run's apply; else null. */
  readonly digest: string | null;
  /** The flag that binds an apply to exactly this, where there is something to do; else null. */
  readonly next: string | null;
  /** More that holds for the whole: counts, coverage, where secrets come from. One line each. */
  readonly facts: readonly string[];
  /** Numbers for scripts, by name in kebab-case. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Worst first, then by kind and address. */
  readonly items: readonly ReportItem[];
  /** Where to point for an item that is declared nowhere: line 1 of the first declaration file. */
  readonly home: Place;
}

/** What every report begins with. */
export interface ReportHead extends Pick<
  Report,
  'command' | 'project' | 'host' | 'version' | 'timestamp' | 'ms' | 'home'
> {
  /** Of the run itself, not of one instance. */
  readonly diagnostics: readonly Diagnostic[];
  /** What is declared, by address: for what is said of an address alone. */
  readonly declared: ReadonlyMap<string, Pick<Declaration, 'element' | 'name' | 'source'>>;
  /** Makes a path, as the user named it, relative to the root of the checkout. */
  readonly locate: (file: string) => string;
}

const order: readonly Level[] = ['error', 'warning', 'note'];

/** Worst first: guards, what fails, the rest; each by level, then by kind and address. */
export function sortItems(items: readonly ReportItem[]): readonly ReportItem[] {
  const rank = (item: ReportItem) =>
    item.kind === 'guard' ? -1 : item.fails ? order.indexOf(item.level) : 3 + order.indexOf(item.level);
  return [...items].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      compare(a.kind, b.kind) ||
      compare(a.address ?? '\uffff', b.address ?? '\uffff') ||
      (a.instanceId ?? 0) - (b.instanceId ?? 0),
  );
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** How many items of each kind, in the order of the items. */
export function countKinds(items: readonly { readonly kind: string }[]): ReadonlyMap<string, number> {
  return countWords(items.map(({ kind }) => kind));
}

/** How often each word is there, in the order in which they come first. */
export function countWords(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** Marks each word that was there before with how often it has come: `mark` of 2, 3, … */
export function tellApart(words: readonly string[], mark: (nth: number) => string): readonly string[] {
  const seen = new Map<string, number>();
  return words.map((word) => {
    const nth = (seen.get(word) ?? 0) + 1;
    seen.set(word, nth);
    return nth === 1 ? word : `${word}${mark(nth)}`;
  });
}

/** `create zendesk-emea "Zendesk EMEA" (zendesk)`: an item in a line, without its reason. */
export function nameItem({ kind, address, element, name, instanceId }: ReportItem): string {
  return [
    kind,
    ...(address === null ? [] : [address]),
    ...(name === null ? [] : [`"${name}"`]),
    ...(element === null ? [] : [`(${element})`]),
    ...(instanceId === null ? [] : [`#${String(instanceId)}`]),
  ].join(' ');
}

/** Reason, fields and what to do, one line each. */
export function explainItem(item: ReportItem): readonly string[] {
  const fields = item.fields.map(({ path, live, declared }) =>
    live === null ? `${path}: ${declared}` : `${path}: ${declared}; live: ${live}`,
  );
  return [...(item.text === '' ? [] : [item.text]), ...fields, ...item.details];
}

/** Tells an item from every other of its report, the same in every run: what a scanner's memory of it goes by. */
export function fingerprintItems(items: readonly ReportItem[]): readonly string[] {
  const keys = items.map(({ rule, address, instanceId, place, text }) => {
    const where = address === null && instanceId === null ? `${place?.file ?? ''}:${text}` : '';
    return [rule, address ?? '', instanceId === null ? '' : `#${String(instanceId)}`, where]
      .filter((part) => part !== '')
      .join(':');
  });
  return tellApart(keys, (nth) => `:${String(nth)}`);
}
