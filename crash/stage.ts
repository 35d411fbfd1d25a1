import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Subject } from './control.ts';
import { limits } from './faults.ts';
import { listAddresses, type History } from './history.ts';
import { runInside } from './inside.ts';
import type { Place } from './processes.ts';
import type { Sandbox } from './sandbox.ts';

/** With what histories are played. */
export interface Tools {
  readonly sandbox: Sandbox;
  /** `dist/main.js`. */
  readonly binary: string;
  /** Where the folders of histories are made. */
  readonly base: string;
  readonly subject: Subject;
}

/** The command that is crashed. */
export const applying = ['apply', '--yes', ...limits];

/** The folder of a history. */
export function folderOf({ id }: History, { base, subject }: Pick<Tools, 'base' | 'subject'>): string {
  return join(base, `${subject}-${id}`);
}

/** Makes folder, declarations and account of a history as they are before its first crash. */
export async function setTheStage(history: History, { sandbox, base, subject }: Tools): Promise<Place> {
  const folder = folderOf(history, { base, subject });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const account = `user-${history.id}`;
  const env = {
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, '.config'),
    CE_USER_SECRET: account,
    CE_ORGANIZATION_SECRET: 'harness',
    USERNAME: 'someone@example.com',
    PASSWORD: 'pass-word-1',
    INSTATE_BASE_URL: sandbox.url,
    INSTATE_GRACE: String(history.grace),
  };
  const place = { folder, env };
  await sandbox.reset();
  for (let other = 1; other <= history.others; other++)
    await sandbox.create(account, `other ${String(other)}`);
  if (history.before > 0) {
    declare(place, history.before, subject);
    const { code, err } = await runInside(applying, place);
    if (code !== 0) throw new Error(`the apply before ${history.id} failed: ${err}`);
  }
  declare(place, history.instances, subject);
  return place;
}

function declare({ folder }: Place, count: number, subject: Subject): void {
  const top = [
    'version: 1',
    'project: crash',
    ...(subject === 'no-journal-no-tag' ? ['ownership: none'] : []),
  ];
  const blocks = listAddresses(count).flatMap((address) => [
    `  ${address}:`,
    '    element: closeio',
    '    configuration:',
    '      username: "${env:USERNAME}"',
    '      password: "${env:PASSWORD}"',
  ]);
  writeFileSync(join(folder, 'instate.yaml'), [...top, 'instances:', ...blocks, ''].join('\n'));
}
