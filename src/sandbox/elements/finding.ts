import { refuse, type Refusal } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { findElement, type Element } from '../world/catalogue.ts';
import type { Account } from '../world/model.ts';

/** Finds an element of the catalogue or a clone of the account's, by key or numeric id. A key that both have means the catalogue's. */
export function lookUpElement(account: Account, keyOrId: string): Element | null {
  const number = /^\d+$/.test(keyOrId) ? Number(keyOrId) : 0;
  const found = findElement(keyOrId) ?? account.clones.get(number);
  if (found !== undefined && found !== null) return found;
  for (const clone of account.clones.values()) if (clone.key === keyOrId) return clone;
  return null;
}

/** The element that `{keyOrId}` of a path names. The text of the 404 is inferred from the vendor's `No … found` texts. */
export function findNamedElement({ account, params }: Call): Element | Refusal {
  const name = params['keyOrId'] ?? '';
  return lookUpElement(account, name) ?? refuseElement(name);
}

/** The 404 of an element that is not there. */
export function refuseElement(keyOrId: string): Refusal {
  return refuse(404, `No element found with ${/^\d+$/.test(keyOrId) ? 'ID' : 'key'} ${keyOrId}`);
}
