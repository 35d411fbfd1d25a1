import { command, declare, flags, furnish, looking } from './project.ts';
import { values } from './secrets.ts';
import type { Path, Stage } from './stage.ts';

const literal = values['literal in a file'];
const broken = values['literal in a broken file'];
const word = values['word of a bad env line'];

const one = (lines: string, top = '') =>
  declare(`\n  one:\n    element: closeio\n    configuration:\n${lines.replace(/^/gm, '      ')}\n`, top);

/** Files in which a secret stands where none may, or that are no YAML because of it. */
const files: Readonly<Record<string, string>> = {
  'literal.yaml': one(`password: "${literal}"`),
  'unquoted.yaml': one(`password: ${literal.replace('&', '')}`),
  'comment.yaml': one(`password: "\${env:PASSWORD}" # ${literal}`, 'projet: x\n'),
  'account.yaml': one('username: x', `account:\n  userSecret: "${literal}"\n`),
  'unknown-key.yaml': one('username: x', `pasword: "${literal}"\n`),
  'misplaced.yaml': declare(`\n  one:\n    element: closeio\n    password: "${literal}"\n`),
  'bad-reference.yaml': one(`password: "\${env:${literal}}"\nusername: "\${${literal}"`),
  'base-url.yaml': one('username: x', `account:\n  baseUrl: "https://u:${literal}@127.0.0.1/"\n`),
  'state.yaml': one('username: x', `state: "postgres://u:${literal}@127.0.0.1/db"\n`),
  'command.yaml': one('password: "${exec:vault}"', `secretCommands:\n  vault: [ sh, 7, "${literal}" ]\n`),
  'name.yaml': declare('\n  one:\n    element: closeio\n    name: "${env:PASSWORD} ${var:LOGIN}"\n'),
  'var.yaml': one('username: "${var:LOGIN}"\npassword: "${env:LOGIN}"'),
  'tab.yaml': one(`password:\t"${broken}"\n\t${broken}`),
  'quote.yaml': one(`password: "${broken}`),
  'colon.yaml': one(`password: ${broken.replace('&', '')}: x: y`),
  'alias.yaml': one(`password: *${broken.replace(/[^A-Za-z0-9]/g, '')}`),
  'tag.yaml': one(`password: !${broken.replace(/[^A-Za-z0-9]/g, '')} x`),
  'twice.yaml': one(`password: "${broken}"\npassword: "${broken}"`),
  'brace.yaml': one(`password: { "${broken}"`),
  'directive.yaml': `%${broken}\n---\n${one('username: x')}`,
  'text.yaml': broken,
};

/** Each of those, as the commands meet it; half of them as JSON. */
export async function playLiterals(stage: Stage): Promise<void> {
  furnish(stage);
  for (const [at, [name, text]] of Object.entries(files).entries()) {
    stage.plant(`project/literals/${name}`, text);
    const way = ['', '--verbose', '--json'][at % 3] ?? '';
    const code = name === 'directive.yaml' ? 'any' : 1;
    const line = `${at % 2 === 0 ? 'validate' : 'plan'} -f literals/${name} ${way}`;
    await stage.run({ line, code, says: /invalid_declarations|"valid"|\d to create/ });
  }
  const stdin = files['quote.yaml'] ?? '';
  await stage.run({
    line: 'validate -f -',
    with: 'a broken file on stdin',
    stdin,
    code: 1,
    says: 'not YAML',
  });
  await stage.run({ line: 'apply --yes -f literals/literal.yaml', code: 1, says: '[invalid_declarations]' });
  await stage.run({
    line: 'show one -f literals/quote.yaml --json',
    code: 1,
    says: '"invalid_declarations"',
  });
  await stage.run({ line: 'state list -f literals/quote.yaml', code: 1, says: '[invalid_declarations]' });
}

const lines: Readonly<Record<string, string>> = {
  'no-equals': `PASSWORD ${word}\n`,
  quote: `A=1\nB="${word}\nC=2\n`,
  name: `${word}=x\n1BAD=${word}\n`,
  after: `A="x" ${word}\n`,
};

/** Env files with bad lines, and other files that hold secrets and are not what they should be. */
export async function playOtherFiles(stage: Stage): Promise<void> {
  furnish(stage);
  for (const [at, [name, text]] of Object.entries(lines).entries()) {
    stage.plant(`project/${name}.env`, text);
    const line = at % 2 === 0 ? 'validate' : 'plan --json --verbose';
    await stage.run({ line: `${line} --env-file ${name}.env`, code: 1, says: 'invalid_declarations' });
  }
  stage.plant('project/utf16.env', Buffer.from(`\ufeffPASSWORD=${word}`, 'utf16le'));
  await stage.run({ line: 'validate --env-file utf16.env', code: 'any' });
  stage.plant('project/literals/plan.json', `{"kind":"instate-plan","x":"${literal}" ${literal}`);
  await stage.run({ line: 'apply literals/plan.json', code: 1, says: '[bad_plan_file]' });
  stage.plant('project/literals/whole.json', JSON.stringify({ kind: literal, inputs: { files: [literal] } }));
  await stage.run({ line: 'apply literals/whole.json --json', code: 1, says: '"bad_plan_file"' });
  stage.plant('project/literals/faults.json', `[{"on": "${literal}" ${literal}`);
  await stage.run({ line: 'sandbox --port 0 --faults literals/faults.json', code: 1, says: '[usage]' });
  stage.plant(
    'project/literals/faults2.json',
    JSON.stringify([{ on: 'POST /instances', do: 'status', headers: { [literal]: literal } }]),
  );
  await stage.run({ line: 'sandbox --port 0 --faults literals/faults2.json', code: 1, says: '[usage]' });
  await playMissing(stage);
}

/** What is not there, what may not be read, what is typed where it does not belong. */
async function playMissing(stage: Stage): Promise<void> {
  const flag = values['value of an unknown flag'];
  const unset = { PASSWORD: undefined, LOGIN: '' };
  const url = `postgres://someone:${values['password in a state URL']}@127.0.0.1:9/db`;
  const paths: readonly Path[] = [
    {
      line: `apply --yes ${flags}`,
      with: 'missing references',
      env: unset,
      code: 1,
      says: '[missing_reference]',
    },
    { line: `plan ${looking} --json`, with: 'missing references', env: unset, code: 'any', says: 'PASSWORD' },
    { line: `apply --yes ${looking}`, with: 'no --allow-exec', code: 1, says: 'exec:vault' },
    {
      line: `plan ${looking}`,
      with: 'no account secrets',
      env: { CE_USER_SECRET: undefined },
      code: 1,
      says: '[missing_reference]',
    },
    {
      line: `plan ${looking}`,
      with: 'an account secret that no header carries',
      env: { CE_USER_SECRET: values.login },
      code: 1,
      says: '[unauthorized]',
    },
    {
      line: `plan ${looking}`,
      with: 'few variables allowed',
      env: { INSTATE_ENV_ALLOW: 'CE_*' },
      code: 1,
      says: /\[\w+\]/,
    },
    {
      line: `plan ${looking}`,
      with: 'a state URL',
      env: { INSTATE_STATE: url },
      code: 1,
      says: '[state_unsupported]',
    },
    {
      line: 'output --json',
      with: 'a state URL',
      env: { INSTATE_STATE: url },
      code: 1,
      says: '"state_unsupported"',
    },
    {
      line: 'state doctor --verbose',
      with: 'a state URL',
      env: { INSTATE_STATE: url },
      code: 1,
      says: '[state_unsupported]',
    },
    { line: ['plan', '--password', flag], with: 'an unknown flag', code: 1, says: '[usage]' },
    { line: ['apply', `--token=${flag}`, '--json'], with: 'an unknown flag', code: 1, says: '"usage"' },
    { line: ['state', 'list', `--secret=${flag}`, '--help'], with: 'an unknown flag and --help' },
  ];
  for (const path of paths) await stage.run(path);
  stage.plant('project/literals/outside.txt', `${literal}\n`);
  const outside = one('password: "${file:/proc/self/environ}"\nusername: "${file:../config/x}"');
  stage.write('project/outside.yaml', outside);
  await stage.run({
    line: 'plan -f outside.yaml',
    with: 'files that may not be read',
    code: 1,
    says: /\[\w+\]/,
  });
  await playCommandsOfOthers(stage);
}

/** Secret commands that fail, each in its own way, with secrets on both of their streams. */
async function playCommandsOfOthers(stage: Stage): Promise<void> {
  const value = `'${values['secret command'].replaceAll("'", "'\\''")}'`;
  const aloud = `printf '%s' ${value} >&2; printf '%s' ${value}`;
  const ends: Readonly<Record<string, string>> = {
    'ends with 3': `${aloud}; exit 3`,
    'takes too long': `${aloud}; sleep 9`,
    'says too much': `while :; do ${aloud}; done`,
    'is no text': `${aloud}; printf '\\377\\376'`,
    'ends by a signal': `${aloud}; kill -9 $$`,
  };
  const top = command.replace('env:', 'timeout: 1, env:').replace('vault.sh', 'vault-of-others.sh');
  stage.write('project/others.yaml', one('password: "${exec:vault}"', top));
  for (const [how, text] of Object.entries(ends)) {
    stage.plant('project/vault-of-others.sh', `${text}\n`);
    const line = 'apply --yes --allow-exec -f others.yaml --state others.db --verbose';
    await stage.run({ line, with: `a command that ${how}`, code: 1, says: 'gave nothing' });
  }
}
