import type { Change } from './change.ts';

type Planned = Pick<Change, 'address' | 'action' | 'instanceId' | 'element' | 'name'>;

/** What is another change now than when it was saved, a line each; `fields` of a saved one is JSON text. */
export function compareChanges(
  saved: readonly (Planned & { readonly fields: string })[],
  now: readonly Change[],
): readonly string[] {
  const before = new Map(saved.map((change) => [change.address, change]));
  const after = new Map(now.map((change) => [change.address, change]));
  const addresses = [...new Set([...before.keys(), ...after.keys()])].sort();
  return addresses.flatMap((address) => {
    const [was, is] = [before.get(address), after.get(address)];
    if (was === undefined)
      return is === undefined ? [] : [`${address}: nothing was planned, now ${describe(is)}`];
    if (is === undefined) return [`${address}: was ${describe(was)}, nothing is to be done now`];
    if (describe(was) !== describe(is)) return [`${address}: was ${describe(was)}, now ${describe(is)}`];
    return was.fields === JSON.stringify(is.fields)
      ? []
      : [`${address}: ${is.action}, with other fields now`];
  });
}

function describe({ action, element, name, instanceId }: Planned): string {
  return `${action} ${element} "${name}"${instanceId === null ? '' : ` #${String(instanceId)}`}`;
}
