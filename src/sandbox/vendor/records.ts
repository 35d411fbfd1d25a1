import { isRefusal, refuse, type Refusal } from '../http/answers.ts';
import type { Account, Kept } from '../world/model.ts';
import { findBelongings } from '../world/world.ts';
import { makeSamples } from './samples.ts';

/** Which records: those of one resource behind one instance. */
export interface Drawer {
  readonly account: Account;
  readonly instanceId: number;
  readonly resource: string;
}

/**
 * Limits of the sandbox, not the service's. What is over them is a 400: no client tries that again, as it might a 429, or
 * takes it for a record that exists, as it might a 409.
 */
const MAX_RECORDS = 10_000;
const MAX_RESOURCES = 1000;

/** The records of a resource by ascending id: what was written, or else the samples. Reading keeps nothing. */
export function readRecords({ account, instanceId, resource }: Drawer): ReadonlyMap<string, Kept> {
  return account.belongings.get(instanceId)?.records.get(resource) ?? makeSamples(resource);
}

/** Puts a record in the place of the one with its id, or after all others. */
export function storeRecord(drawer: Drawer, id: string, record: Kept): Refusal | null {
  const records = openRecords(drawer);
  if (isRefusal(records)) return records;
  if (!records.has(id) && records.size >= MAX_RECORDS) {
    return refuse(400, `The sandbox keeps no more than ${MAX_RECORDS} records of a resource`);
  }
  records.set(id, record);
  return null;
}

/** Takes a record away. */
export function removeRecord(drawer: Drawer, id: string): Refusal | null {
  const records = openRecords(drawer);
  if (isRefusal(records)) return records;
  records.delete(id);
  return null;
}

/** The records as they can be changed: a copy of the samples at the first change. */
function openRecords({ account, instanceId, resource }: Drawer): Map<string, Kept> | Refusal {
  const { records } = findBelongings(account, instanceId);
  const found = records.get(resource);
  if (found !== undefined) return found;
  if (records.size >= MAX_RESOURCES) {
    return refuse(400, `The sandbox keeps changes to no more than ${MAX_RESOURCES} resources`);
  }
  const own = makeSamples(resource);
  records.set(resource, own);
  return own;
}
