import { alignRows, clean } from '../src/render/screen.ts';
import type { Command } from './command.ts';
import { withState } from './state-common.ts';

/** `instate state list`. */
export const stateList: Command = {
  groups: ['files', 'looks', 'report'],
  formats: ['text', 'json'],
  examples: [['instate state list', 'addresses, elements and ids']],
  run: async (run) =>
    withState(run, async (store) => {
      const { lineage, serial, instances, project, account } = await store.read();
      run.known.project = project ?? run.known.project;
      run.known.account = account ?? run.known.account;
      const rows = instances.map((row) => [
        row.address,
        clean(row.element),
        `#${String(row.instanceId)}`,
        `"${clean(row.name)}"`,
      ]);
      const listed = instances.map(({ address, instanceId, element, name }) => ({
        address,
        instanceId,
        element,
        name,
      }));
      const nothing = lineage === null ? 'There is no state yet.' : 'Nothing is recorded.';
      await run.answer({
        text: () => `${rows.length === 0 ? nothing : alignRows(rows).join('\n')}\n`,
        body: { lineage, serial, instances: listed },
      });
      return 0;
    }),
};
