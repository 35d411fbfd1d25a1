// `npm run bench`: instate beside a raw client, in the same run, on the same sandbox. Nothing is asserted about the figures;
// what each run did is. Writes to a temporary folder only. `--quick`: one round each, to see that it works.
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { describeScenario, drawRows, median } from './figures.mjs';
import { declare, measure, openWorld, runInstate, runRaw } from './world.mjs';

const quick = process.argv.includes('--quick');
const mostSeconds = 175;
const deadline = performance.now() + mostSeconds * 1000;
const stop = new AbortController();
const timer = setTimeout(() => stop.abort(new Error(`more than ${mostSeconds} s`)), mostSeconds * 1000);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
}

/** One warm-up of each, then instate and raw in turn: at least `least` rounds, and more while the seconds last. */
async function alternate({ instate, raw, seconds, least, most }) {
  if (!quick) await raw('warm');
  if (!quick) await instate('warm');
  const runs = { instate: [], raw: [] };
  const until = Math.min(performance.now() + seconds * 1000, deadline - 10_000);
  for (let round = 1; round <= (quick ? 1 : most); round += 1) {
    if (round > least && performance.now() > until) break;
    runs.instate.push(await instate(String(round)));
    runs.raw.push(await raw(String(round)));
  }
  return runs;
}

/** Holds the last line of a run against what it was to do: a run that did less must not count. */
async function expecting(run, told) {
  const result = await run;
  if (result.last === told) return result;
  throw new Error(`a run ended with  ${result.last}\nwhere it should have ended with  ${told}`);
}

async function benchNoop(world, declared, limits) {
  const { count } = declared;
  const account = `noop-${count}`;
  await runInstate(world, declared, account, ['apply', '--auto-approve']);
  await runRaw(world, declared, `${account}-raw`, 'apply');
  const last = `No changes. ${count} instances are as declared.`;
  const rawLast = JSON.stringify({ declared: count, found: count, missing: 0 });
  return alternate({
    instate: () => expecting(runInstate(world, declared, account, ['plan']), last),
    raw: () => expecting(runRaw(world, declared, `${account}-raw`, 'plan'), rawLast),
    ...limits,
  });
}

async function benchNothing(world, declared, limits) {
  const { count } = declared;
  const last = `Plan: ${count} to create, 0 to adopt, 0 to forget, 0 held, 0 conflicts.`;
  const rawLast = JSON.stringify({ declared: count, found: 0, missing: count });
  return alternate({
    instate: () => expecting(runInstate(world, declared, 'nothing', ['plan']), last),
    raw: () => expecting(runRaw(world, declared, 'nothing-raw', 'plan'), rawLast),
    ...limits,
  });
}

async function benchApply(world, declared, limits) {
  const { count } = declared;
  const last = `Apply complete: ${count} created, 0 adopted, 0 forgotten.`;
  const rawLast = JSON.stringify({ created: count });
  const apply = ['apply', '--auto-approve'];
  return alternate({
    instate: (round) => expecting(runInstate(world, declared, `apply-${round}`, apply), last),
    raw: (round) => expecting(runRaw(world, declared, `apply-raw-${round}`, 'apply'), rawLast),
    ...limits,
  });
}

/** Milliseconds that one small write and its fsync take where the states lie. */
function timeSync({ folder }) {
  const file = openSync(join(folder, 'sync'), 'w');
  const times = Array.from({ length: 50 }, () => {
    const start = performance.now();
    writeSync(file, 'x'.repeat(4096));
    fsyncSync(file);
    return performance.now() - start;
  });
  closeSync(file);
  return median(times);
}

async function describeMachine(world) {
  const starts = [];
  for (let count = 0; count < 5; count += 1) starts.push(await measure(world, ['--eval', '0']));
  const bare = Math.round(median(starts.map(({ wall }) => wall)));
  return [
    `Node ${process.versions.node}, ${cpus().length} cores, ${process.platform} ${process.arch}`,
    `an empty node process: ${bare} ms; one write and fsync where the states lie: ${timeSync(world).toFixed(2)} ms`,
  ].join('\n');
}

async function describeSandbox(world, declared) {
  const runs = [];
  for (let round = 0; round < (quick ? 1 : 3); round += 1) {
    runs.push(JSON.parse((await runRaw(world, declared, `load-${round}`, 'load')).last));
  }
  const [posts, pages] = [median(runs.map((run) => run.posts)), median(runs.map((run) => run.pages))];
  return `the sandbox, asked by the raw client alone: ${posts} creates/s, ${pages} pages of 200 a second (${pages * 200} instances/s)`;
}

/** Ten thousand have to be created first, by both; `apply` tells how long that will take. */
function hasTimeFor(apply) {
  const runs = [...apply.instate, ...apply.raw].map(({ wall }) => wall);
  const setUp = (10 * 2 * runs.reduce((sum, wall) => sum + wall, 0)) / runs.length;
  return performance.now() + setUp + 35_000 < deadline;
}

async function bench(world) {
  console.log(await describeMachine(world));
  const thousand = await declare(world, 1_000);
  console.log(`${await describeSandbox(world, thousand)}\n`);
  console.log(drawRows([['', 'instate', 'raw', 'ratio']]));
  const show = (name, runs) => console.log(drawRows(describeScenario(name, runs)));
  const short = { seconds: 20, least: 5, most: 15 };
  show('(a) no-op plan of 1,000 recorded', await benchNoop(world, thousand, short));
  show('(b) plan from nothing, 1,000 declared', await benchNothing(world, thousand, short));
  const apply = await benchApply(world, thousand, { seconds: 40, least: 3, most: 9 });
  show('(c) apply of 1,000', apply);
  const many = await declare(world, quick ? 2_000 : 10_000);
  const name = `(d) no-op plan of ${many.count.toLocaleString('en')} recorded`;
  if (hasTimeFor(apply)) show(name, await benchNoop(world, many, { seconds: 20, least: 3, most: 7 }));
  else console.log(`${name}: left out, since this machine is too slow or too busy for it`);
  console.log("\nWhole processes. Median (least–most); the ratio is the median of the rounds' ratios.");
  console.log('CPU and memory are those of the client alone, all its threads together.');
}

try {
  const world = await openWorld(stop.signal);
  try {
    await bench(world);
  } finally {
    await world.close();
  }
} catch (error) {
  console.error(`The benchmark failed: ${(stop.signal.reason ?? error).message}`);
  process.exitCode = 1;
} finally {
  clearTimeout(timer);
}
