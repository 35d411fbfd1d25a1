import { values } from './secrets.ts';
import type { Stage } from './stage.ts';

/** One declaration for each way in which a secret comes in. */
export const instances = `
  by-env:
    element: closeio
    tags: [crm]
    configuration:
      username: "\${env:LOGIN}"
      password: "\${env:PASSWORD}"
  by-part:
    element: insightly
    configuration:
      username: "someone+\${env:PART}@example.com"
      password: "\${file:secret.txt}"
  by-object:
    element: servicenow
    configuration:
      username: "\${env:LOGIN}"
      password: "\${env:PASSWORD}"
      service.account: { type: service_account, inner: { key: "\${env:JSON_KEY}" } }
      servicenow.subdomain: example
  by-command:
    element: closeio
    configuration:
      username: "\${env:FROM_ENV_FILE}"
      password: "\${exec:vault}"
`;

/** Where `${exec:vault}` comes from. */
export const command = `secretCommands:
  vault: { command: [sh, vault.sh], env: [VAULT_LOGIN] }
`;

/** A whole file; \`top\`: lines before \`instances:\`. */
export function declare(blocks: string, top = ''): string {
  return `version: 1\nproject: crm\n${top}instances:${blocks}`;
}

/** So many instances, each with every kind of secret but those that want a flag: `i0`, `i1`, … */
export const manyOf = (count: number) =>
  Array.from(
    { length: count },
    (_, at) => `
  i${String(at)}:
    element: closeio
    configuration:
      username: "\${env:LOGIN}"
      password: "\${env:PASSWORD}"
      part: "someone+\${env:PART}@example.com"
      file.secret: "\${file:secret.txt}"
      service.account: { type: service_account, inner: { key: "\${env:JSON_KEY}" } }
`,
  ).join('');

/** Flags that the whole project needs; only some commands run programs. */
export const looking = '--env-file values.env';
export const flags = `${looking} --allow-exec`;

/** What a secret command writes: its value to stdout, another secret to stderr, and what it was given to a file. */
export function writeScript({ after = '', out = values['secret command'] } = {}): string {
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  return [
    'env > given-to-command',
    `printf '%s\\n' ${quote(values['stderr of the secret command'])} >&2`,
    `printf '%s' ${quote(out)}`,
    after,
    '',
  ].join('\n');
}

/** Puts the whole project on a stage. */
export function furnish(stage: Stage): void {
  stage.write('project/instate.yaml', declare(instances, command));
  stage.plant('project/secret.txt', `${values['secret file']}\n`);
  stage.plant('project/vault.sh', writeScript());
  stage.plant(
    'project/values.env',
    [
      `FROM_ENV_FILE='${values['variable of the env file']}'`,
      `NOBODY_ASKS='${values['unused variable of the env file']}'`,
      '',
    ].join('\n'),
  );
}

/** The id of each recorded instance. */
export async function listIds(stage: Stage): Promise<Readonly<Record<string, number>>> {
  const out = await stage.run('state list --json');
  const { instances: rows } = JSON.parse(out) as { instances: { address: string; instanceId: number }[] };
  return Object.fromEntries(rows.map(({ address, instanceId }) => [address, instanceId]));
}
