import { refuse, type Refusal } from '../http/answers.ts';
import { isMasked, MASK } from '../world/configuration.ts';
import type { Configuration } from '../world/model.ts';

/** A configuration value that the vendor behind the element is taken to refuse. */
const WRONG = 'wrong';

/** Whether the vendor behind the element would refuse these credentials. */
export function isWrong(configuration: Configuration): boolean {
  return Object.values(configuration).includes(WRONG);
}

/** Whether stored credentials fail at the vendor: also eight asterisks that took the place of a secret. */
export function failsLogin(configuration: Configuration): boolean {
  const isLost = ([key, value]: readonly [string, string | null]): boolean => value === MASK && isMasked(key);
  return isWrong(configuration) || Object.entries(configuration).some(isLost);
}

/** The answer of a login that the vendor refused: its own words come as `providerMessage` (docs: errors, CE, SAP; both texts are ours). */
export function refuseWrong(status = 400): Refusal {
  return refuse(
    status,
    'The provider refused the credentials of this element instance',
    'Invalid username or password',
  );
}
