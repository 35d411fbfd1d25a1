import type { IntentRow } from './control.ts';
import type { History } from './history.ts';
import type { Request } from './sandbox.ts';

/** A create that reached the service. */
export interface Post {
  readonly address: string;
  /** Wall clock, ms. */
  readonly at: number;
  /** When lists show what it made, as far as the faults that met it tell. */
  readonly listedAt: number;
  /** Answered with a 4xx that says that nothing was done, done all the same, and not listed for a while. */
  readonly denied: boolean;
  /** The intent that stood open when it came; null if there was none. */
  readonly intent: IntentRow | null;
}

/** A timer of a busy machine rings so much late, ms. */
const lateness = 60;

/** All creates of a history's own addresses, in the order in which they came. */
export function listPosts(
  requests: readonly Request[],
  history: History,
  intents: readonly IntentRow[],
): readonly Post[] {
  return requests.flatMap((request): Post[] => {
    const { name } = (request.body ?? {}) as { readonly name?: string };
    if (request.method !== 'POST' || !request.path.startsWith('/instances')) return [];
    if (name === undefined || name.startsWith('other')) return [];
    const at = Date.parse(request.at);
    const own = intents.filter((one) => one.address === name && one.openedAt <= at);
    const intent = own.sort((a, b) => b.openedAt - a.openedAt)[0] ?? null;
    const lag = findLag(request, history);
    const refused = typeof request.status === 'number' && request.status >= 400 && request.status < 500;
    const denied = refused && ![408, 429].includes(Number(request.status)) && lag > 0;
    return [{ address: name, at, listedAt: at + lag, denied: denied && isDone(request), intent }];
  });
}

/**
 * Whether the service was later than the promise allows, by the intent's own word. A refusal that was none is taken at
 * its word at once (safety.md C4), and so leaves no time at all.
 */
export function isBeyond({ listedAt, denied, intent }: Post): boolean {
  return denied || (intent !== null && listedAt + lateness > intent.resolveAfter);
}

/** When the last instance has appeared in the lists; 0 if nothing is late. */
export function findQuiet(requests: readonly Request[], history: History): number {
  return (
    Math.max(0, ...requests.map((request) => Date.parse(request.at) + findLag(request, history))) + lateness
  );
}

function isDone({ faults }: Request): boolean {
  return faults.includes('commit-then-status');
}

function findLag(request: Request, history: History): number {
  const lags = ['delay', 'late-commit', 'hide-from-list'].map((kind) => {
    if (!request.faults.includes(kind)) return 0;
    const scripted = history.faults.filter(
      (fault) => fault.do === kind && fault.on.startsWith(request.method),
    );
    return Math.max(0, ...scripted.map(({ ms }) => ms ?? 0));
  });
  return lags.reduce((sum, one) => sum + one, 0);
}
