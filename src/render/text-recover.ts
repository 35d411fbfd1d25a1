import type { Leftovers } from '../core/leftovers.ts';
import { alignRows, clean, count, paint, type Look } from './screen.ts';

/** An open create that was settled just now. */
export interface SettledRow {
  readonly address: string;
  readonly instanceId: number | null;
}

/** What was settled, and what crashes and lost answers have left behind. */
export function renderRecover(settled: readonly SettledRow[], left: Leftovers, look: Look): string {
  const rows = look.quiet ? [] : [...listSettled(settled, look), ...listLeft(left, look)];
  return [...rows, renderLastLine(settled, left)].join('\n') + '\n';
}

function listSettled(settled: readonly SettledRow[], look: Look): readonly string[] {
  const rows = settled.map(({ address, instanceId }) => [
    address,
    instanceId === null ? 'does not exist' : `recorded as #${String(instanceId)}`,
  ]);
  return section('Settled', rows, look);
}

function listLeft({ open, blocked, lost, strays }: Leftovers, look: Look): readonly string[] {
  const arrived = lost.filter(({ arrivedIds }) => arrivedIds.length > 0);
  return [
    ...section(
      'Cut off, and open',
      open.map(({ address, element, name, text }) => [address, element, `"${clean(name)}"`, clean(text)]),
      look,
    ),
    ...section(
      'Lost several times: apply does not try again by itself',
      blocked.map(({ address, lost: times }) => [
        address,
        `${String(times)} times`,
        `look in the account, then  instate recover ${address} --absent`,
      ]),
      look,
    ),
    ...section(
      'Arrived late, after it was given up',
      arrived.map(({ address, arrivedIds, keptId }) => {
        const late = arrivedIds.filter((id) => id !== keptId).map((id) => `#${String(id)}`);
        const what =
          keptId === null
            ? 'nothing has taken its place: declare it, and apply adopts it; or delete it in the account'
            : `#${String(keptId)} has taken its place: delete one of them in the account`;
        return [address, late.join(', '), what];
      }),
      look,
    ),
    ...section(
      'With our tag, recorded nowhere: apply adopts those that are declared',
      strays.map(({ address, instanceId }) => [address ?? '-', `#${String(instanceId)}`]),
      look,
    ),
  ];
}

function section(title: string, rows: readonly (readonly string[])[], look: Look): readonly string[] {
  if (rows.length === 0) return [];
  return [paint(look).bold(title), ...alignRows(rows).map((row) => `  ${row}`), ''];
}

function renderLastLine(settled: readonly SettledRow[], { open, blocked, lost, strays }: Leftovers): string {
  const late = lost.filter(({ arrivedIds }) => arrivedIds.length > 0).length;
  const watched = lost.length - late;
  const parts = [
    `${String(settled.length)} settled`,
    `${String(open.length)} open`,
    `${String(blocked.length)} blocked`,
    `${String(late)} arrived late`,
    count(strays.length, 'stray'),
  ];
  const watch = watched === 0 ? '' : ` Still watched for: ${count(watched, 'lost create')}.`;
  const nothing = settled.length + open.length + blocked.length + late + strays.length === 0;
  return nothing ? `Nothing was left behind.${watch}` : `Recover: ${parts.join(', ')}.${watch}`;
}
