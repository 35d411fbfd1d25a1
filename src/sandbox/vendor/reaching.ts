import { refuse, type Reply } from '../http/answers.ts';
import type { Call, Handler } from '../http/calls.ts';
import { unauthorized } from '../http/credentials.ts';
import { failsLogin, refuseWrong } from '../elements/login.ts';
import { completeConfiguration } from '../world/configuration.ts';
import type { Instance } from '../world/model.ts';

/** Does what a call asks of the instance that its Element token names. */
export type VendorHandler = (call: Call, instance: Instance) => Reply;

/**
 * Lets a call through to the platform's own knowledge of an instance, disabled or not (docs: disable, CH18). Whatever it comes
 * to, the answer names the instance in a header (docs: response headers, CH18; of refusals it is inferred).
 */
export function askInstance(handle: VendorHandler): Handler {
  return (call) => {
    const { bearer } = call;
    if (bearer === null) return unauthorized;
    const reply = handle(call, bearer);
    return { ...reply, headers: { 'elements-element-instance-id': `${bearer.id}`, ...reply.headers } };
  };
}

/**
 * Lets a call through to the vendor: not for a disabled instance, 403 (docs: disable, CH18), and not with credentials that
 * the vendor refuses: 403 with its own words (docs: ping of the API description; the number is inferred elsewhere). The hub's name in the path is not looked at (docs: ping, CH18).
 */
export function reachVendor(handle: VendorHandler): Handler {
  return askInstance((call, instance) => {
    if (instance.disabled) return refuse(403, 'Element instance is disabled');
    return failsLogin(instance.configuration) ? refuseWrong(403) : handle(call, instance);
  });
}

/** Whether a setting of an instance, or else its element's default, reads `true`. */
export function isSet(instance: Instance, key: string): boolean {
  return completeConfiguration(instance.element, instance.configuration)[key]?.toLowerCase() === 'true';
}
