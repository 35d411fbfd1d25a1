import { isRefusal, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { findNamedAccount } from '../accounts/finding.ts';
import { answerList } from './listing.ts';

/** `GET /accounts/instances`: those of the caller's own account (docs: operations, SDK18, CE). */
export function listInstancesOfOwnAccount(call: Call): Reply {
  return answerList(call, call.account, null);
}

/** `GET /accounts/{accountId}/instances`: those of any account of the caller's organization (docs: authentication, SDK18). */
export function listInstancesOfAccount(call: Call): Reply {
  const account = findNamedAccount(call);
  return isRefusal(account) ? account : answerList(call, account, null);
}
