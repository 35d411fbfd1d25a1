import type { Live, Model } from './model.ts';
import type { Stage } from './stage.ts';

/** Looks at everything that lives, whether lists show it or not: ids ascend without a gap. */
export async function lookAround(stage: Stage, model: Model, byHand: boolean): Promise<Model> {
  const live = new Map(model.live);
  for (let id = model.top + 1; ; id++) {
    const { status, body } = await stage.call('GET', `/instances/${String(id)}`);
    if (status !== 200) return { ...model, live, top: id - 1 };
    live.set(id, { id, name: body.name, tags: body.tags, token: body.token, byHand });
  }
}

/** Ids that lists show now. */
export async function listVisible(stage: Stage): Promise<ReadonlySet<number>> {
  const { status, body } = await stage.call('GET', '/instances');
  return new Set(status === 200 ? body.map(({ id }: { id: number }) => id) : []);
}

/** Something that somebody else does to one instance. */
export async function changeOutside(
  stage: Stage,
  model: Model,
  how: 'delete' | 'rename' | 'retag' | 'disable' | 'clone',
  { id, name, tags }: Live,
): Promise<Model> {
  const path = `/instances/${String(id)}`;
  const live = new Map(model.live);
  const change = async (body: Partial<Live>): Promise<Model> => {
    const { body: now } = await stage.call('PATCH', path, body);
    const old = live.get(id);
    if (old !== undefined) live.set(id, { ...old, name: now.name, tags: now.tags });
    return { ...model, live };
  };
  switch (how) {
    case 'delete':
      await stage.call('DELETE', path);
      live.delete(id);
      return { ...model, live };
    case 'rename':
      return change({ name: `${name}*` });
    case 'retag':
      return change({ tags: ['vip', ...tags] });
    case 'disable':
      await stage.call('DELETE', `${path}/enabled`);
      return model;
    case 'clone':
      await stage.fault([{ on: 'GET /instances/{id}', do: 'clone', id }]);
      await stage.call('GET', path);
      return lookAround(stage, model, true);
    default:
      return how satisfies never;
  }
}

/** An instance that is none of ours. */
export async function addStranger(stage: Stage, model: Model): Promise<Model> {
  await stage.call('POST', '/instances', {
    name: `stranger ${String(model.live.size)}`,
    element: { key: 'closeio' },
    tags: ['x'],
    configuration: { username: 'x', password: 'y' },
  });
  return lookAround(stage, model, true);
}
