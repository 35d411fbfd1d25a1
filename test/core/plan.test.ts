import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actions } from '../../src/core/change.ts';
import type { Declaration, LiveInstance, RecordedInstance } from '../../src/core/model.ts';
import { makePlan } from '../../src/core/plan.ts';
import { declare, intent, live, observed, plain, row, secret, type World } from './world.ts';

const addresses = ['a', 'b', 'c', 'd', 'e'];
const names = ['n1', 'n2', 'n3'];
const elements = ['insightly', 'zendesk'];
const pick = <T>(values: readonly T[]) => fc.constantFrom(...values);

const declarationOf = (address: string): fc.Arbitrary<Declaration> =>
  fc
    .record({
      element: pick(elements),
      name: pick(names),
      tags: pick([null, [], ['x'], ['x', 'y']]),
      id: pick([null, null, null, 1, 2]),
    })
    .map((given) => declare(address, { ...given, configuration: { k: plain('v'), password: secret('P') } }));
const liveOf = (id: number): fc.Arbitrary<LiveInstance> =>
  fc
    .record({
      element: pick(elements),
      name: pick(names),
      tags: fc.option(
        fc.uniqueArray(pick(['x', 'y', ...addresses.map((one) => `instate:crm:${one}`), 'instate:other:a']), {
          maxLength: 3,
        }),
        { nil: null },
      ),
      user: pick([null, 7, 8]),
      disabled: fc.boolean(),
    })
    .map((given) => live(id, { ...given, configuration: { k: 'v', password: '********' } }));
const rowOf = (address: string, id: number): fc.Arbitrary<RecordedInstance> =>
  fc
    .record({ element: pick(elements), name: pick(names), tag: pick([null, `instate:crm:${address}`]) })
    .map((given) => row(address, id, given));

/** Any world: some declared, some recorded, some live, some of it contradictory. */
const world: fc.Arbitrary<World> = fc
  .record({
    declared: fc.subarray(addresses).chain((some) => fc.tuple(...some.map(declarationOf))),
    recorded: fc.subarray(addresses).chain((some) => fc.tuple(...some.map((one, at) => rowOf(one, at + 1)))),
    live: fc.subarray([1, 2, 3, 4, 5, 6, 7]).chain((some) => fc.tuple(...some.map(liveOf))),
    intents: fc.subarray(['a', 'b']).map((some) => some.map((one) => intent(one))),
    startedAt: pick([50_000, 200_000]),
    unknown: fc.boolean(),
  })
  .map(({ intents, startedAt, unknown, ...rest }) => ({
    ...rest,
    // Pins are unique: validation refuses equal ones.
    declared: rest.declared.map((one, at) =>
      rest.declared.findIndex((other) => other.id === one.id) === at ? one : { ...one, id: null },
    ),
    state: { intents },
    listing: { startedAt },
    ...(unknown ? { probes: { 1: { kind: 'unknown' as const, why: '', requestId: null } } } : {}),
  }));

/** The world after everything that can be done has been done, and a person has set by hand what differs. */
function settle(given: World): World {
  const { decisions } = makePlan(observed(given));
  const kept = (given.declared ?? []).filter((one) =>
    ['create', 'adopt', 'no-op', 'update'].includes(decisions.get(one.address)?.change.action ?? ''),
  );
  const instances = kept.map((declaration, at): LiveInstance => {
    const id = decisions.get(declaration.address)?.change.instanceId ?? 100 + at;
    const tags = [...(declaration.tags ?? []), `instate:crm:${declaration.address}`];
    return live(id, {
      element: declaration.element,
      name: declaration.name,
      tags,
      configuration: { k: 'v', password: '********' },
    });
  });
  return {
    declared: kept,
    live: instances,
    recorded: kept.map((one, at) =>
      row(one.address, instances[at]?.id ?? 0, { element: one.element, name: one.name }),
    ),
  };
}

describe('laws of the plan', () => {
  it('every address that is declared or recorded gets exactly one action', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { decisions, plan } = makePlan(observed(given));
        const known = new Set(
          [...(given.declared ?? []), ...(given.recorded ?? [])].map((one) => one.address),
        );
        expect([...decisions.keys()].sort()).toEqual([...known].sort());
        for (const { change } of decisions.values()) expect(actions).toContain(change.action);
        const { create, adopt, noop, forget, held, conflict } = plan.summary;
        expect(create + adopt + noop + forget + held + conflict).toBe(known.size);
      }),
      { numRuns: 500 },
    );
  });

  it('B1: no instance is bound, found or to be forgotten for two addresses', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { plan, decisions } = makePlan(observed(given));
        const taken = [...decisions.values()]
          .filter(({ change }) => change.action !== 'conflict')
          .flatMap(({ change }) => change.instanceId ?? []);
        expect(new Set(taken).size).toBe(taken.length);
        expect(plan.changes.length).toBeLessThanOrEqual(decisions.size);
      }),
      { numRuns: 500 },
    );
  });

  it('the plan of an applied world is all no-op', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { plan } = makePlan(observed(settle(given)));
        expect(plan.changes).toEqual([]);
        expect(plan.applyable).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('the order of the readings does not matter', () => {
    fc.assert(
      fc.property(world, (given) => {
        const turned = { ...given, live: [...(given.live ?? [])].reverse() };
        expect(makePlan(observed(turned)).plan.digest).toBe(makePlan(observed(given)).plan.digest);
      }),
      { numRuns: 300 },
    );
  });

  it('a plan survives JSON', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { plan } = makePlan(observed(given));
        expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
      }),
      { numRuns: 300 },
    );
  });

  it('a create is never planned for an address whose instance may live', () => {
    fc.assert(
      fc.property(world, (given) => {
        const seen = observed(given);
        for (const { change } of makePlan(seen).decisions.values()) {
          if (change.action !== 'create') continue;
          const tag = `instate:crm:${change.address}`;
          expect((given.live ?? []).filter((one) => one.tags?.includes(tag))).toEqual([]);
          const recorded = (given.recorded ?? []).find((one) => one.address === change.address);
          if (recorded !== undefined) expect(seen.probes.get(recorded.instanceId)?.kind).toBe('missing');
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('F5: the digest', () => {
  const base: World = {
    declared: [declare('a', { tags: ['x'], configuration: { k: plain('v'), password: secret('P') } })],
  };
  const digest = (given: World) => makePlan(observed(given)).plan.digest;
  const changes: readonly (readonly [string, World])[] = [
    ['base URL', { ...base, baseUrl: 'https://api.cloud-elements.co.uk/elements/api-v2' }],
    ['account user', { ...base, user: 7 }],
    ['ownership mode', { ...base, ownership: 'none' }],
    [
      'address',
      {
        declared: [
          declare('b', { name: 'a', tags: ['x'], configuration: { k: plain('v'), password: secret('P') } }),
        ],
      },
    ],
    ['name', { declared: [{ ...(base.declared?.[0] as Declaration), name: 'z' }] }],
    ['tags', { declared: [{ ...(base.declared?.[0] as Declaration), tags: ['y'] }] }],
    [
      'a plain value',
      {
        declared: [
          { ...(base.declared?.[0] as Declaration), configuration: { k: plain('w'), password: secret('P') } },
        ],
      },
    ],
    [
      'a reference name',
      {
        declared: [
          { ...(base.declared?.[0] as Declaration), configuration: { k: plain('v'), password: secret('Q') } },
        ],
      },
    ],
    ['action', { ...base, live: [live(1, { name: 'a' })] }],
    [
      'text around a reference',
      {
        declared: [
          {
            ...(base.declared?.[0] as Declaration),
            configuration: {
              k: plain('v'),
              password: { ...secret('P'), template: 'https://evil.example/${env:P}' },
            },
          },
        ],
      },
    ],
    [
      'way to authenticate',
      { declared: [{ ...(base.declared?.[0] as Declaration), externalAuthentication: 'initial' }] },
    ],
  ];
  it.each(changes)('binds the %s', (_name, given) => {
    expect(digest(given)).not.toBe(digest(base));
    expect(digest(given)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('A5, F5: binds the guard, and the instance that a create is to take the place of', () => {
    const gone = { declared: [declare('a'), declare('b')], recorded: [row('a', 1), row('b', 2)] };
    const never = { declared: [declare('a'), declare('b')] };
    const others = { ...gone, recorded: [row('a', 3), row('b', 4)] };
    expect(makePlan(observed(gone)).plan.guards).toHaveLength(1);
    expect(new Set([gone, never, others].map(digest)).size).toBe(3);
  });

  it('binds what may be created after a wait as it binds a create', () => {
    const awaited = (tags: readonly string[], name: string, template: string): World => ({
      declared: [declare('a', { tags, configuration: { k: plain('v'), p: { ...secret(name), template } } })],
      state: { intents: [intent('a')] },
    });
    const given = [
      awaited(['x'], 'P', '${env:P}'),
      awaited(['y'], 'P', '${env:P}'),
      awaited(['x'], 'Q', '${env:Q}'),
      awaited(['x'], 'P', 'https://evil.example/${env:P}'),
    ];
    expect(given.map((one) => makePlan(observed(one)).plan.changes[0]?.action)).toEqual(
      Array(4).fill('conflict'),
    );
    expect(new Set(given.map(digest)).size).toBe(4);
  });

  it('binds the project', () => {
    const seen = observed(base);
    const other = {
      ...seen,
      declarations: { ...seen.declarations, project: 'erp' },
      recorded: { ...seen.recorded, project: 'erp' },
    };
    expect(makePlan(other).plan.digest).not.toBe(digest(base));
  });

  it('F5: a plan for which nobody asked the account stands for no other', () => {
    const seen = observed(base);
    const offline = makePlan({ ...seen, listing: null }).plan;
    expect(offline.changes).toEqual(makePlan(seen).plan.changes);
    expect(offline.digest).not.toBe(digest(base));
  });

  it('binds no secret value: with and without credentials at hand it is the same', () => {
    const applied = {
      ...base,
      recorded: [row('a', 1)],
      live: [live(1, { name: 'a', tags: ['x'], configuration: { k: 'v', password: '********' } })],
    };
    const changed = { ...applied, credentials: { a: { password: { applied: 'changed' as const } } } };
    expect(makePlan(observed(changed)).plan.summary.update).toBe(1);
    expect(digest(changed)).toBe(digest(applied));
    expect(digest({ ...base, credentials: { a: { password: { value: null, missing: ['P'] } } } })).toBe(
      digest(base),
    );
  });
});

describe('the rest of a plan', () => {
  it('so does an address that apply will wait for, and may create then', () => {
    const given = {
      declared: [declare('a', { configuration: { p: secret('P') } })],
      state: { intents: [intent('a')] },
      credentials: { a: { p: { value: null, missing: ['P'] } } },
    };
    expect(makePlan(observed(given)).plan.changes[0]).toMatchObject({ action: 'conflict', needs: ['P'] });
  });

  it('a create lists what it needs and is not set', () => {
    const given = {
      declared: [declare('a', { configuration: { p: secret('P'), q: secret('Q') } })],
      credentials: { a: { p: { value: null, missing: ['P'] }, q: {} } },
    };
    expect(makePlan(observed(given)).plan.changes[0]).toMatchObject({ action: 'create', needs: ['P'] });
  });

  it('health stands apart from changes', () => {
    const given = {
      declared: [declare('a')],
      recorded: [row('a', 1)],
      live: [live(1, { name: 'a', disabled: true, valid: false })],
    };
    const { plan } = makePlan(observed(given));
    expect(plan.changes).toEqual([]);
    expect(plan.health).toEqual([
      { address: 'a', kind: 'disabled', instanceId: 1 },
      { address: 'a', kind: 'invalid', instanceId: 1 },
    ]);
  });

  it('B1: a filter is applied after matching', () => {
    const seen = observed({
      declared: [declare('a', { name: 'n' }), declare('b', { name: 'n' })],
      live: [live(1, { name: 'n' })],
    });
    const { plan } = makePlan(seen, { includes: (address) => address === 'a', filtered: true });
    expect(plan.changes.map((change) => `${change.address} ${change.reason.code}`)).toEqual([
      'a claimed_twice',
    ]);
    expect(plan.summary.conflict).toBe(1);
  });

  it('unmanaged: what nobody declared, recorded or tagged', () => {
    const given = {
      recorded: [row('z', 9)],
      live: [live(1), live(2, { tags: ['instate:other:x'] }), live(3, { tags: ['instate:crm:q'] }), live(9)],
    };
    expect(makePlan(observed(given)).plan.unmanaged).toBe(1);
  });

  it('protect and ignore: a protected replace says so', () => {
    const given = {
      declared: [declare('a', { protect: true })],
      recorded: [row('a', 1)],
      live: [live(1, { element: 'zendesk', name: 'a' })],
    };
    expect(makePlan(observed(given)).plan.changes[0]).toMatchObject({
      action: 'replace',
      held: true,
      reason: { text: expect.stringContaining('protected') as string },
    });
  });

  it('a credential that changed: what differs, and the command that accepts it', () => {
    const given = {
      declared: [declare('a', { configuration: { password: secret('P') } })],
      recorded: [row('a', 1, { credentials: { 'configuration.password': '2026-11-02T00:00:00.000Z' } })],
      live: [live(1, { name: 'a', configuration: { password: '********' } })],
      credentials: { a: { password: { applied: 'changed' as const } } },
    };
    expect(makePlan(observed(given)).plan.changes[0]).toMatchObject({
      action: 'update',
      held: true,
      reason: { code: 'credential', text: expect.stringContaining('instate state accept a') as string },
    });
  });
});
