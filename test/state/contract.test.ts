import { describeStateStore } from '../contract/state-store.ts';
import { makeStateFolder } from '../support/state-samples.ts';

describeStateStore('SQLite', makeStateFolder);
