import { runInside } from './inside.ts';
import type { Ended, Place } from './processes.ts';

interface Told {
  readonly code?: string;
}

interface Named {
  readonly address: string;
  readonly instanceId: number | null;
}

interface Document {
  readonly error?: Told;
  readonly results?: readonly (Named & {
    readonly action: string;
    readonly status: string;
    readonly error: Told | null;
  })[];
  readonly outputs?: readonly Named[];
  readonly diagnostics?: readonly (Told & { readonly severity: string })[];
}

/** What is wrong with the end of an `apply --json` that met a failing disk: it must say why, and never that all is well if it is not. */
export async function judgeEnd({ code, signal, out, err }: Ended, place: Place): Promise<readonly string[]> {
  if (code !== 0 && code !== 1) return [`it ended with ${signal ?? `code ${String(code)}`}`];
  const document = parse(out);
  if (document === null) return ['its answer is no JSON document'];
  const { error, results = [], diagnostics = [] } = document;
  const causes = [
    error,
    ...results.map((one) => one.error),
    ...diagnostics.filter((one) => one.severity === 'error'),
  ];
  const codes = causes.flatMap((one) => one?.code ?? []);
  const problems = codes.includes('internal') ? ['a cause is called internal'] : [];
  if (/^\s+at /m.test(err + out) || /\[internal\]/.test(err)) problems.push('it shows a stack');
  // That the file system keeps no locks is never the cause here.
  if (codes.includes('state_unsupported')) problems.push('it blames the file system');
  if (code === 1 && codes.length === 0) problems.push('it fails without a cause');
  const told = results.filter((one) => one.status === 'done' && made.includes(one.action));
  const recorded = await listRecorded(place);
  const unrecorded = told.filter((one) => recorded.get(one.address) !== one.instanceId);
  return [
    ...problems,
    ...unrecorded.map(({ address }) => `it calls ${address} done, and has not recorded it`),
  ];
}

const made: readonly string[] = ['create', 'adopt'];

/** What the state holds, by address; reading it asks the service nothing. */
async function listRecorded(place: Place): Promise<ReadonlyMap<string, number | null>> {
  const { outputs = [] } = parse((await runInside(['output', '--json'], place)).out) ?? {};
  return new Map(outputs.map(({ address, instanceId }) => [address, instanceId]));
}

function parse(text: string): Document | null {
  try {
    return JSON.parse(text) as Document;
  } catch {
    return null;
  }
}
