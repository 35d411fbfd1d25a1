import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { actions, type Change } from './core/change.ts';
import type { Plan } from './core/plan.ts';
import { InstateError } from './errors.ts';

/** What a plan was made from: enough to make it again. Absolute paths here, relative to the plan file on disk. */
export interface PlanInputs {
  readonly files: readonly string[];
  readonly envFiles: readonly string[];
  readonly project: string | null;
  readonly baseUrl: string | null;
  readonly state: string | null;
  readonly target: readonly string[];
  readonly exclude: readonly string[];
  readonly selectTag: readonly string[];
}

export interface SavedPlan {
  readonly digest: string;
  readonly inputs: PlanInputs;
  /** What the plan was when it was saved: for words alone, since anybody could have written it. Empty where it cannot be read. */
  readonly changes: readonly SavedChange[];
}

/** One change of a saved plan, as far as a comparison needs it. */
export type SavedChange = Pick<Change, 'address' | 'action' | 'instanceId' | 'element' | 'name'> & {
  /** The fields as JSON text. */
  readonly fields: string;
};

const kind = 'instate-plan';
const formatVersion = '1.0';

/** Saves a plan for `instate apply FILE`. Holds no secrets: a plan never does. Mode 0600, since it names an account. */
export function writePlanFile(file: string, cwd: string, plan: Plan, inputs: PlanInputs): void {
  const path = resolve(cwd, file);
  const content = {
    kind,
    formatVersion,
    digest: plan.digest,
    inputs: mapPaths(inputs, (one) => relative(dirname(path), one)),
    plan,
  };
  try {
    writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  } catch {
    throw new InstateError('file_unwritable', `the plan file ${file} cannot be written`, {
      hint: 'check that its folder exists and may be written',
    });
  }
}

/** Reads a saved plan. Nothing of it is trusted but what it says it was made from; the plan itself is made again. */
export function readPlanFile(file: string, cwd: string): SavedPlan {
  const path = resolve(cwd, file);
  const content = parse(file, path);
  const inputs = readInputs(content);
  if (content['kind'] !== kind || typeof content['digest'] !== 'string' || inputs === null) {
    throw new InstateError('bad_plan_file', `${file} is not a plan file`, {
      hint: 'make one with  instate plan --out FILE',
    });
  }
  if (content['formatVersion'] !== formatVersion) {
    throw new InstateError('bad_plan_file', `${file} was written by another version of instate`, {
      hint: 'plan again with this version',
    });
  }
  return {
    digest: content['digest'],
    inputs: mapPaths(inputs, (one) => resolve(dirname(path), one)),
    changes: readChanges(content['plan']),
  };
}

function parse(file: string, path: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new InstateError('file_unreadable', `the plan file ${file} cannot be read`, {
      hint: 'make one with  instate plan --out FILE',
    });
  }
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null) return content as Record<string, unknown>;
  } catch {
    // JSON.parse quotes its input in its errors: ours says only that it is no plan file (safety.md E2).
  }
  throw new InstateError('bad_plan_file', `${file} is not a plan file`, {
    hint: 'make one with  instate plan --out FILE',
  });
}

function readChanges(plan: unknown): readonly SavedChange[] {
  const changes = isObject(plan) ? plan['changes'] : null;
  if (!Array.isArray(changes)) return [];
  return changes.flatMap((change: unknown): SavedChange[] => {
    if (!isObject(change)) return [];
    const { address, action, instanceId, element, name, fields } = change;
    const texts = [address, action, element, name];
    if (!texts.every((one) => typeof one === 'string') || !isAction(action)) return [];
    const id = typeof instanceId === 'number' ? instanceId : null;
    const known = { address: String(address), action, element: String(element), name: String(name) };
    return [{ ...known, instanceId: id, fields: JSON.stringify(fields) }];
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isAction(value: unknown): value is Change['action'] {
  return (actions as readonly unknown[]).includes(value);
}

function readInputs(content: Readonly<Record<string, unknown>>): PlanInputs | null {
  const raw = content['inputs'];
  if (typeof raw !== 'object' || raw === null) return null;
  const inputs: Readonly<Record<string, unknown>> = { selectTag: [], ...raw };
  const lists = ['files', 'envFiles', 'target', 'exclude', 'selectTag'].map((key) => inputs[key]);
  const texts = ['project', 'baseUrl', 'state'].map((key) => inputs[key]);
  const isList = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string');
  if (!lists.every(isList) || !texts.every((text) => text === null || typeof text === 'string')) return null;
  return inputs as unknown as PlanInputs;
}

function mapPaths(inputs: PlanInputs, change: (path: string) => string): PlanInputs {
  const state = inputs.state === null || isUrl(inputs.state) ? inputs.state : change(inputs.state);
  const named = (path: string) => (isAbsolute(path) || path.startsWith('.') ? path : join('.', path));
  return {
    ...inputs,
    files: inputs.files.map((one) => named(change(one))),
    envFiles: inputs.envFiles.map(change),
    state,
  };
}

function isUrl(state: string): boolean {
  return /^postgres(ql)?:/.test(state);
}
