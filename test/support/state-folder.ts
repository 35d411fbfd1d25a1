import { afterEach, beforeEach } from 'vitest';
import { makeStateFolder, type StateFolder } from './state-samples.ts';

/** The folder of the test that runs, made anew for each. To be called at the top of a file. */
export function useStateFolder(): StateFolder {
  let folder: StateFolder;
  beforeEach(async () => {
    folder = await makeStateFolder();
  });
  afterEach(() => folder.dispose());
  return {
    get path() {
      return folder.path;
    },
    get location() {
      return folder.location;
    },
    get options() {
      return folder.options;
    },
    get said() {
      return folder.said;
    },
    open: (overrides) => folder.open(overrides),
    dispose: () => folder.dispose(),
  };
}
