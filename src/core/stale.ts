import type { Change } from './change.ts';
import type { Address } from './model.ts';

type Planned = Pick<Change, 'address' | 'action' | 'instanceId' | 'element' | 'name'>;

/** A change that is not what was saved. */
export interface Difference {
  readonly address: Address;
  /** One sentence. */
  readonly text: string;
}

/** What is another change now than when it was saved, by address; `fields` of a saved one is JSON text. */
export function compareChanges(
  saved: readonly (Planned & { readonly fields: string })[],
  now: readonly Change[],
): readonly Difference[] {
  const before = new Map(saved.map((change) => [change.address, change]));
  const after = new Map(now.map((change) => [change.address, change]));
  const addresses = [...new Set([...before.keys(), ...after.keys()])].sort();
  return addresses.flatMap((address): readonly Difference[] => {
    const tell = (text: string) => [{ address, text: `${address}: ${text}` }];
    const [was, is] = [before.get(address), after.get(address)];
    if (was === undefined) return is === undefined ? [] : tell(`nothing was planned, now ${describe(is)}`);
    if (is === undefined) return tell(`was ${describe(was)}, nothing is to be done now`);
    if (describe(was) !== describe(is)) return tell(`was ${describe(was)}, now ${describe(is)}`);
    return was.fields === JSON.stringify(is.fields) ? [] : tell(`${is.action}, with other fields now`);
  });
}

function describe({ action, element, name, instanceId }: Planned): string {
  return `${action} ${element} "${name}"${instanceId === null ? '' : ` #${String(instanceId)}`}`;
}
