import { isFilled, isPlainObject, isRefusal, refuse, type Refusal } from '../http/answers.ts';
import { normaliseConfiguration } from '../world/configuration.ts';
import { nextObjectId, type World } from '../world/world.ts';
import type { Formula, FormulaDraft, FormulaInstanceDraft, Part, PartKind } from './model.ts';

type Body = Readonly<Record<string, unknown>>;

/** A formula of which nothing is said yet. That one is active unless the body says otherwise is invented. */
export const blankFormula: FormulaDraft = {
  name: '',
  description: null,
  active: true,
  configuration: [],
  steps: [],
  triggers: [],
};

/** What a part has that says nothing of it (docs: formulas, SDK18; that empty lists are shown is invented). */
const blankParts: Readonly<Record<PartKind, Body>> = {
  configuration: {},
  steps: { onSuccess: [], onFailure: [], properties: {} },
  triggers: { onSuccess: [], onFailure: [], properties: {}, async: true },
};
const TYPES: readonly unknown[] = ['value', 'elementInstance'];

/** Reads a body over `base`, which stands for what is left out. Texts are invented, the name is required (docs: formulas, SDK18). */
export function readFormula(
  world: World,
  body: Body,
  base: FormulaDraft,
  stored: Formula | null,
): FormulaDraft | Refusal {
  const { name = base.name, description = base.description } = body;
  const active = body['active'] ?? base.active;
  if (typeof name !== 'string' || name.trim() === '') return refuse(400, 'name is required');
  if (typeof description !== 'string' && description !== null) {
    return refuse(400, 'description must be a string');
  }
  if (typeof active !== 'boolean') return refuse(400, 'active must be true or false');
  const read = (kind: PartKind): readonly Part[] | Refusal =>
    readParts(world, kind, body[kind] ?? base[kind], stored?.[kind] ?? []);
  const configuration = read('configuration');
  if (isRefusal(configuration)) return configuration;
  const steps = read('steps');
  if (isRefusal(steps)) return steps;
  const triggers = read('triggers');
  if (isRefusal(triggers)) return triggers;
  return { name, description, active, configuration, steps, triggers };
}

/** Reads one step, trigger or declared key, and gives it an id. Its least fields are those that SDK18 requires of it. */
export function readPart(world: World, kind: PartKind, sent: unknown, id?: number): Part | Refusal {
  if (!isPlainObject(sent)) return refuse(400, `${kind} must be JSON objects`);
  const word = kind === 'configuration' ? 'key' : 'name';
  if (kind !== 'triggers' && !isFilled(sent[word])) return refuse(400, `${word} is required in ${kind}`);
  if (kind === 'configuration' && !TYPES.includes(sent['type'] ?? 'value')) {
    return refuse(400, 'type in configuration must be value or elementInstance');
  }
  return { ...blankParts[kind], ...sent, id: id ?? nextObjectId(world) };
}

/** Reads what runs a formula: `{name, active, configuration, settings}` (docs: formulas, SDK18, DP). Texts are invented. */
export function readFormulaInstance(body: Body, activeBefore: boolean): FormulaInstanceDraft | Refusal {
  const { name } = body;
  const active = body['active'] ?? activeBefore;
  const configuration = body['configuration'] ?? {};
  const settings = body['settings'] ?? {};
  if (typeof name !== 'string' || name.trim() === '') return refuse(400, 'name is required');
  if (typeof active !== 'boolean') return refuse(400, 'active must be true or false');
  if (!isPlainObject(configuration)) return refuse(400, 'configuration must be a JSON object');
  if (!isPlainObject(settings)) return refuse(400, 'settings must be a JSON object');
  return { name, active, configuration: normaliseConfiguration(configuration), settings };
}

/** Parts that are sent back with an id which the formula has keep it; all others get a new one, whatever they bring. */
function readParts(
  world: World,
  kind: PartKind,
  sent: unknown,
  stored: readonly Part[],
): readonly Part[] | Refusal {
  if (!Array.isArray(sent)) return refuse(400, `${kind} must be a list`);
  const free = new Set(stored.map(({ id }) => id));
  const parts: Part[] = [];
  for (const item of sent as readonly unknown[]) {
    const id = isPlainObject(item) && typeof item['id'] === 'number' ? item['id'] : 0;
    const part = readPart(world, kind, item, free.delete(id) ? id : undefined);
    if (isRefusal(part)) return part;
    parts.push(part);
  }
  return parts;
}
