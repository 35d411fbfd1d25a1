import { playApply } from './applying.ts';
import { endStory } from './ending.ts';
import { checkWorld, require } from './laws.ts';
import {
  addIdentity,
  currentAddress,
  emptyModel,
  findOwner,
  replaceIdentity,
  writeDeclarations,
  type Model,
} from './model.ts';
import { addStranger, changeOutside } from './outside.ts';
import { openStage } from './stage.ts';
import { describeStep, type Step, type Story } from './steps.ts';
import { settleDown, type Now, type Telling } from './telling.ts';

/** After these the record may be another; a crash is one of them. */
const writers: readonly Step['do'][] = ['apply', 'recover', 'forget'];

/** Plays a story to its end and holds the laws against it after each step. What it says goes to `say`, line by line. */
export async function playStory(story: Story, say: (line: string) => void): Promise<void> {
  const stage = await openStage();
  try {
    const telling = { stage, say };
    let model = emptyModel;
    for (let one = 0; one < story.first; one++) model = addIdentity(model);
    stage.write(writeDeclarations(model));
    say(`declared: ${String(story.first)}`);
    let now: Now = { model, rows: [] };
    for (const step of story.steps) {
      say(describeStep(step));
      const model = await playStep(telling, now, step);
      now = await settleDown(telling, model, writers.includes(step.do) ? null : now.rows);
      await checkWorld(stage, now.model, now.rows);
    }
    say('the end: faults are over, and time passes');
    await endStory(telling, now);
  } finally {
    await stage.close();
  }
}

async function playStep(telling: Telling, now: Now, step: Step): Promise<Model> {
  const { stage } = telling;
  const { model, rows } = now;
  switch (step.do) {
    case 'declare':
    case 'drop':
    case 'move': {
      const changed = changeFiles(model, step.do, step.pick);
      stage.write(writeDeclarations(changed));
      return changed;
    }
    case 'apply':
      return playApply(telling, now, step);
    case 'look':
      return playLook(telling, now, step.command);
    case 'recover': {
      const run = await stage.run(`recover --json${step.wait ? ' --wait' : ''}`);
      require(run.posts.length === 0, 'recover sends no POST');
      return model;
    }
    case 'stranger':
      return addStranger(stage, model);
    case 'vanish': {
      let rest = model;
      for (const one of model.live.values()) rest = await changeOutside(stage, rest, 'delete', one);
      return rest;
    }
    case 'lag': {
      const row = rows[step.pick % Math.max(1, rows.length)];
      if (row === undefined || !model.live.has(row.instanceId)) return model;
      const id = row.instanceId;
      await stage.fault([{ on: 'GET /instances/{id}', do: 'hide-from-list', id, ms: step.seconds * 1_000 }]);
      await stage.call('GET', `/instances/${String(id)}`);
      return model;
    }
    case 'forget':
      // Without a state nobody knows of what lists hide: only what they show is found again.
      if (stage.clock.countTimers() === 0) stage.forgetState();
      return model;
    case 'pass':
      stage.clock.pass(step.seconds * 1_000);
      return model;
    default: {
      const owned = [...model.live.values()].filter(({ tags }) => findOwner(model, tags) !== null);
      const victim = owned[step.pick % Math.max(1, owned.length)];
      return victim === undefined ? model : changeOutside(stage, model, step.do, victim);
    }
  }
}

function changeFiles(model: Model, how: 'declare' | 'drop' | 'move', pick: number): Model {
  const declared = model.identities.filter((one) => one.declared);
  const dropped = model.identities.filter((one) => !one.declared);
  const one = declared[pick % declared.length];
  const back = dropped[pick % (dropped.length + 1)];
  if (how === 'declare')
    return back === undefined ? addIdentity(model) : replaceIdentity(model, back.name, { declared: true });
  if (one === undefined || (how === 'drop' && declared.length === 1)) return model;
  if (how === 'drop') return replaceIdentity(model, one.name, { declared: false });
  // One line of `moved:` leads to an address, and with the state lost an older name would be nobody's.
  if (one.addresses.length > 1) return model;
  return replaceIdentity(model, one.name, { addresses: [...one.addresses, `${currentAddress(one)}m`] });
}

async function playLook({ stage }: Telling, { model }: Now, command: 'plan' | 'drift'): Promise<Model> {
  const before = stage.hashState();
  const { posts } = await stage.run(`${command} --json`);
  require(posts.length === 0, `D1: ${command} sends no POST`);
  require(JSON.stringify(stage.hashState()) === JSON.stringify(before), `D1: ${command} changes no state`);
  return model;
}
