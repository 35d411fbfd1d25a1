import type { DroppedFingerprint, Rekeyed } from '../core/rekeyed.ts';
import { clean, count, type Look } from './screen.ts';

/** What a rekey did; the last line is the one for scripts. */
export function renderRekey(rekeyed: Rekeyed, look: Pick<Look, 'quiet'>): string {
  const lines = look.quiet ? [] : listLosses(rekeyed);
  return `${[...lines, summarise(rekeyed)].join('\n')}\n`;
}

function summarise(rekeyed: Rekeyed): string {
  switch (rekeyed.outcome) {
    case 'no-key':
      return 'Nothing to do: nothing in this state is sealed under a key yet.';
    case 'current':
      return 'Only cleaned up: the state is under this key already. To change it, set INSTATE_STATE_KEY to the new key and INSTATE_STATE_KEY_OLD to this one.';
    case 'moved': {
      const { tokens, fingerprints, dropped } = rekeyed;
      const lost = dropped.length === 0 ? '' : `, ${String(dropped.length)} dropped`;
      return `Rekeyed: ${count(tokens, 'token')}, ${count(fingerprints, 'fingerprint')}${lost}.`;
    }
    default:
      return rekeyed satisfies never;
  }
}

function listLosses(rekeyed: Rekeyed): readonly string[] {
  if (rekeyed.outcome !== 'moved') return [];
  const { dropped, unread } = rekeyed;
  const differing = dropped.filter(({ why }) => why === 'differs');
  const gone = dropped.filter(({ why }) => why !== 'differs');
  return [
    ...listUnder(
      'Not verified until the next apply creates it or `instate state accept`:',
      gone.map(describe),
    ),
    ...listUnder(
      'Differs from the one last applied, so it is not verified either; change it in the account, then `instate state accept`:',
      differing.map(describe),
    ),
    ...listUnder('No token is stored; `instate output` reads it live:', unread),
  ];
}

function describe({ address, path }: DroppedFingerprint): string {
  return `${address} ${path}`;
}

function listUnder(head: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [head, ...items.map((item) => `  ${clean(item)}`), ''];
}
