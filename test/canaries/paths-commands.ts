import type { Path, Stage } from './stage.ts';
import { flags, furnish, looking } from './project.ts';

/** Every command where all is well, and their help: in text and JSON, briefly and verbosely. */
const commands: readonly Path[] = [
  { line: `validate ${looking}`, says: /[Vv]alid/ },
  { line: `plan ${looking}` },
  { line: `plan ${looking} --offline` },
  { line: `plan ${looking} --target by-e*` },
  { line: `apply --yes ${flags}` },
  { line: `drift ${looking}` },
  { line: `show by-env ${looking}`, says: 'by-env' },
  { line: 'output', says: 'by-env' },
  { line: `recover ${flags}` },
  { line: `recover --list ${flags}` },
  { line: 'state list', says: 'by-env' },
  { line: 'state show by-part', says: 'by-part' },
  { line: 'state mv by-env by-name' },
  { line: 'state mv by-name by-env' },
  { line: `state accept by-object by-command ${flags}`, says: 'configuration.password' },
  { line: 'state doctor' },
  { line: 'state unlock' },
  { line: 'state rekey' },
];

/** Each command in both of these ways, one way after the other. */
async function playWays(stage: Stage, ways: readonly string[]): Promise<void> {
  furnish(stage);
  await stage.run({ line: `apply --yes ${flags}`, with: 'the first', says: 'Apply complete: 4 created' });
  for (const way of ways)
    for (const path of commands) await stage.run({ ...path, line: `${String(path.line)} ${way}` });
}

export const playInText = (stage: Stage) => playWays(stage, ['', '--verbose']);
export const playInJson = (stage: Stage) => playWays(stage, ['--json --verbose']);

/** Every format, on stdout and beside it; events; what plans a stranger's files, asks vendors, and goes without files. */
export async function playFormats(stage: Stage): Promise<void> {
  furnish(stage);
  const formats = ['markdown', 'html', 'sarif', 'junit', 'github', 'gitlab'];
  const copies = ['text', 'json', ...formats].map((one) => `--report ${one}:report.${one}`).join(' ');
  stage.write('project/step-output', '');
  stage.write('project/step-summary', '');
  const env = { GITHUB_OUTPUT: 'step-output', GITHUB_STEP_SUMMARY: 'step-summary' };
  const runs: readonly Path[] = [
    { line: `plan --untrusted`, says: 'planned as from a stranger' },
    { line: `plan ${looking} ${copies}`, env, says: '4 to create' },
    { line: `apply --yes ${flags} --events events.ndjson ${copies}`, env, says: '4 created' },
    { line: `drift ${looking} --ping ${copies}`, env, says: 'Reached: 4' },
    { line: `drift --since-state ${copies}`, says: 'No drift' },
    { line: `plan ${looking} --events -`, says: '"change_summary"' },
    ...formats.map((one) => ({ line: `drift ${looking} --format ${one}` })),
    ...formats.map((one) => ({ line: `plan ${looking} --format ${one} --verbose` })),
    { line: `validate ${looking} --format sarif`, says: '"results"' },
  ];
  for (const path of runs) await stage.run(path);
  const replaced = { ...env, LOGIN: 'replaced login', PASSWORD: 'replaced password' };
  await stage.run({
    line: `drift ${looking} ${copies}`,
    with: 'replaced credentials',
    env: replaced,
    code: 2,
  });
  stage.write('project/instate.yaml', 'version: 1\nproject: crm\ninstances:\n  a:\n    elment: closeio\n');
  await stage.run({ line: `plan ${copies} --events events.ndjson`, with: 'a mistake', env, code: 1 });
}

/** What needs no state, what writes copies, and what is typed wrongly. */
export async function playCopies(stage: Stage): Promise<void> {
  furnish(stage);
  const copies = '--report text:report.txt --report json:report.json';
  await stage.run({ line: `plan ${looking} --out plan.json --detailed-exitcode ${copies}`, code: 2 });
  await stage.run({ line: `plan ${looking} --out plan.json --json`, says: 'digest' });
  await stage.run({ line: `apply plan.json --allow-exec --verbose ${copies}`, says: '4 created' });
  await stage.run({ line: 'apply plan.json --allow-exec', code: 1, says: '[stale_plan]' });
  await stage.run({ line: `drift ${looking} ${copies}` });
  await stage.run({ line: `output ${copies}` });
  await stage.run({ line: `recover ${flags} ${copies}` });
  const env = { LOGIN: 'replaced login', PASSWORD: 'replaced password' };
  await stage.run({
    line: `plan ${looking} --detailed-exitcode --verbose ${copies}`,
    ...{ with: 'replaced credentials', env, code: 2, says: 'held' },
  });
  await stage.run({ line: `plan ${looking} --json`, with: 'replaced credentials', env, says: '"held"' });
  await stage.run({ line: `apply --yes ${flags}`, with: 'replaced credentials', env, says: 'held' });
  await stage.run({ line: `state rm by-part`, says: 'Forgot by-part' });
  await stage.run({ line: `apply --yes ${flags} --json --verbose`, says: '"adopted": 1' });
}

const words: readonly Path[] = [
  { line: '--version', says: /^\d/ },
  { line: '--help', says: 'instate apply' },
  { line: '', code: 1, says: '[usage]' },
  ...['init', 'apply', 'output', 'state'].map((name) => ({ line: `${name} --help`, says: 'Options:' })),
  { line: 'init fresh', says: 'instate.yaml' },
  { line: 'init fresh --json --verbose', code: 1, says: '"file_exists"' },
  { line: 'schema', says: '"$schema"' },
  { line: 'schema --of plan', says: '"$schema"' },
  { line: 'sandbox --quirk list', says: 'put-keeps' },
  { line: 'plan --pasword --help' },
  { line: 'paln --json', code: 1, says: '"usage"' },
  { line: 'plan --no-such-flag --verbose', code: 1, says: '[usage]' },
  { line: 'show no-such-address', code: 1 },
  { line: 'apply', code: 1, says: '[needs_approval]' },
  { line: 'output', code: 1, says: '[state_missing]' },
];

/** No state, no request: help, starters, schemas, and slips of the keyboard. */
export async function playWords(stage: Stage): Promise<void> {
  furnish(stage);
  for (const path of words) await stage.run(path);
}
