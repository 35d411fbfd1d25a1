import { openApi } from '../../src/api/instances.ts';
import { Sensitive } from '../../src/core/sensitive.ts';

/**
 * One create in a process of its own, since NODE_EXTRA_CA_CERTS is read as a process starts. Prints what came of it.
 */
interface Order {
  readonly url: string;
  /** From now on. */
  readonly sendWithinMs: number;
}

async function run({ url, sendWithinMs }: Order): Promise<void> {
  const api = openApi({
    baseUrl: url,
    userSecret: new Sensitive('USER-canary-2'),
    organizationSecret: new Sensitive('ORG-canary-3'),
    parallelism: 2,
    timeouts: { getMs: 10_000, postMs: 10_000 },
    userAgent: 'instate/0.1.0',
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: () => 0.5,
    delay: () => Promise.resolve(),
  });
  const outcome = await api.create.create(
    {
      address: 'a',
      element: 'insightly',
      name: 'API Instance',
      tags: [],
      configuration: { password: new Sensitive('PASSWORD-canary-1') },
      externalAuthentication: null,
    },
    {
      sendBy: Date.now() + sendWithinMs,
      sendByMonotonic: Infinity,
      permit: { release: () => undefined },
      projection: new Map(),
    },
  );
  await api.close();
  process.stdout.write(JSON.stringify({ outcome, stats: api.stats() }));
}

void run(JSON.parse(process.argv[2] ?? '') as Order);
