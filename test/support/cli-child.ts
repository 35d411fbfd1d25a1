/**
 * The command line with another user's rights: loads everything, gives up its own, and runs. Built (as a module) and
 * started by child-process.ts; what it says on stderr stands on stdout, too.
 */
import Database from 'better-sqlite3';
import { run } from '../../cmd/cli.ts';
import { createContext } from '../../cmd/context.ts';
import { sealEnvironment } from '../../cmd/environment.ts';

export interface CliOrder {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** null: as it is. */
  readonly uid: number | null;
}

const order = JSON.parse(process.argv[2] ?? '{}') as CliOrder;
process.chdir(order.cwd);
// The native part loads with the first database, and may lie where that user cannot look.
new Database(':memory:').close();
if (order.uid !== null) {
  process.setgroups?.([order.uid]);
  process.setgid?.(order.uid);
  process.setuid?.(order.uid);
}
const context = createContext(sealEnvironment({ ...order.env }));
process.exitCode = await run(order.argv, {
  ...context,
  cwd: order.cwd,
  stderr: context.stdout,
  configFolder: `${order.cwd}/.config`,
});
