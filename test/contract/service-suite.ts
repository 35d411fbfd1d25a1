import { describe, expect, test } from 'vitest';
import { describeApi } from '../support/openapi.ts';
import { describeAccess } from './beyond-access.ts';
import { describeFormulas } from './beyond-formulas.ts';
import { describeShelves } from './beyond-shelves.ts';
import { describeVendor } from './beyond-vendor.ts';
import { describeElements } from './service-elements.ts';
import { describeChanging, describeCreating, describeListing } from './service-instances.ts';
import { describeParts } from './service-parts.ts';
import { describeRefusals } from './service-refusals.ts';
import { useService, type Service, type Target } from './service-target.ts';

/**
 * The contract of docs/api/openapi.yaml, held against a target; of a sandbox also that of docs/api/sandbox-openapi.yaml.
 * Where no instance may be made, what needs one is left out and shows as skipped. At the end it says how much of the
 * files it has asserted; of a sandbox that must be every operation, both when it succeeds and when it refuses.
 */
export function describeService(target: Target): void {
  const service = useService(target);
  describe.skipIf(target.configuration === null)('with instances of its own', () => {
    describeCreating(service);
    describeListing(service);
    describeChanging(service);
    describeParts(service);
  });
  describeElements(service);
  describeRefusals(service, 'service');
  if (!target.isLive) describeBeyond(service);

  test('how much of the contract was held', () => {
    console.log(`Contract: ${summarise(service, 'service').line}`);
    for (const note of service.notes) console.log(`not as inferred: ${note}`);
    if (target.isLive) return;
    console.log(`Beyond it: ${summarise(service, 'beyond').line}`);
    for (const source of ['service', 'beyond'] as const) {
      const { missing, failing } = summarise(service, source);
      expect({ source, missing, failing }).toEqual({ source, missing: [], failing: [] });
    }
  });
}

function describeBeyond(service: Service): void {
  describe('beyond the contract', () => {
    describeAccess(service);
    describeFormulas(service);
    describeVendor(service);
    describeShelves(service);
    describeRefusals(service, 'beyond');
  });
}

/** Operations that the sandbox never has anything to answer with. */
const ALWAYS_EMPTY = ['GET /instances/events/dispositions', 'GET /instances/event-poller-records'];

/** How much of a file was asserted, and which of its operations never succeeded, or never refused. */
function summarise({ asserted }: Service, source: 'service' | 'beyond') {
  const names = describeApi()
    .operations.filter((operation) => operation.source === source)
    .map(({ name }) => name);
  const statuses = (name: string): readonly number[] => [...(asserted.get(name) ?? [])];
  const pairs = names.reduce((sum, name) => sum + statuses(name).length, 0);
  const seen = names.filter((name) => asserted.has(name));
  return {
    line: `${seen.length} of ${names.length} operations, ${pairs} operation–status pairs asserted`,
    missing: names.filter((name) => !ALWAYS_EMPTY.includes(name) && !statuses(name).includes(200)),
    failing: names.filter((name) => !statuses(name).some((status) => status >= 400)),
  };
}
