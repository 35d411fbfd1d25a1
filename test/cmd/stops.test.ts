import { describe, expect, it } from 'vitest';
import { createContext } from '../../cmd/context.ts';
import { closeio, declarations, openBench, signals, type Bench } from '../support/bench.ts';

const files = (...addresses: readonly string[]) =>
  declarations(addresses.map((one) => closeio(one)).join('\n'));
const real = createContext({ plain: {}, sealed: new Map() });

async function two(): Promise<Bench> {
  const bench = await openBench();
  bench.write('instate.yaml', files('a', 'b'));
  return bench;
}

/** A signal that comes just before the account is opened: nobody listens for it yet. */
function early(signal: 'SIGINT' | 'SIGTERM') {
  const { overrides, send } = signals();
  return {
    ...overrides,
    openApi: ((...terms) => {
      send(signal);
      return real.openApi(...terms);
    }) satisfies typeof real.openApi,
  };
}

describe('a signal stops new POSTs, whenever it comes', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'C: %s before the account is opened: nothing is sent',
    async (signal) => {
      const bench = await two();
      const apply = await bench.run('apply --yes', early(signal));
      expect(apply.code).toBe(signal === 'SIGINT' ? 130 : 143);
      expect(apply.err).toMatch(/stopped by SIG(INT|TERM).*\[interrupted\]/);
      expect(apply.out).not.toContain('complete');
      expect(await bench.posts()).toBe(0);
      expect((await bench.run('apply --yes')).code).toBe(0);
    },
  );

  it.each(['plan', 'drift', 'recover', 'recover --list', 'show a'])(
    'before the account is opened, `%s` asks it nothing',
    async (line) => {
      const bench = await two();
      await bench.run('apply --yes');
      const { requests } = await bench.stats();
      expect((await bench.run(line, early('SIGINT'))).code).toBe(130);
      expect((await bench.stats()).requests).toEqual(requests);
    },
  );

  it.each(['apply --yes', 'recover', 'state rm a'])(
    'D2: while `%s` waits for the lock, it ends at once and takes nothing',
    async (line) => {
      const bench = await two();
      await bench.run('apply --yes --target a');
      const before = await bench.stats();
      const store = await real.openState({
        ...{
          location: bench.at('.instate/state.db'),
          stateKey: null,
          oldStateKey: null,
          keyFile: bench.at('key'),
        },
        ...{ ci: true, tempFolder: bench.folder, toolVersion: 'test', notify: () => undefined },
        ...{ now: () => Date.now(), newId: () => 'another-run' },
      });
      const holder = { pid: 1, host: 'h', user: 'u', command: 'test', since: '', ciUrl: null };
      const lock = await store.lock(holder, { timeoutMs: 0, onWait: () => undefined });
      const { overrides, send } = signals();
      const waiting = bench.run(`${line} --lock-timeout 60`, {
        ...overrides,
        stderr: {
          write: (text) => text.includes('waiting for the state lock') && send('SIGTERM'),
          isTTY: false,
          columns: 0,
        },
      });
      expect((await waiting).code).toBe(143);
      await lock.release();
      expect(await bench.stats()).toEqual(before);
      expect((await bench.run('state list --json')).json().instances).toHaveLength(1);
    },
  );

  it('C1: between an intent and its POST: it is not sent, and the next run makes it', async () => {
    const bench = await two();
    const { overrides, send } = signals();
    const apply = await bench.run('apply --yes --json --parallelism 1', {
      ...overrides,
      openState: async (options) => {
        const store = await real.openState(options);
        return {
          ...store,
          lock: async (...terms) => {
            const lock = await store.lock(...terms);
            return {
              ...lock,
              openIntent: async (...intent) => {
                await lock.openIntent(...intent);
                send('SIGTERM');
              },
            };
          },
        };
      },
    });
    expect(apply.code).toBe(143);
    expect(apply.json().results).toMatchObject([
      { address: 'a', status: 'not-attempted' },
      { address: 'b', status: 'not-attempted' },
    ]);
    expect(await bench.posts()).toBe(0);
    expect((await bench.run('apply --yes')).out).toMatch(/Apply complete: 2 created/);
    expect(await bench.posts()).toBe(2);
  });
});
