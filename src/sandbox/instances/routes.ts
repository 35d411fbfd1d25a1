import { serve, serveBoth, type Route } from '../http/route.ts';
import { listInstancesOfAccount, listInstancesOfOwnAccount } from './by-account.ts';
import { createInstanceOfElement, listInstancesOfElement } from './by-element.ts';
import {
  deleteInstance,
  disableInstance,
  enableInstance,
  readInstance,
  replaceInstance,
  updateInstance,
} from './changing.ts';
import { countInstances } from './counting.ts';
import { createInstance } from './creating.ts';
import { listEntries, readEntry, updateEntry } from './entries.ts';
import { listInstances } from './listing.ts';
import { startTracing, stopTracing } from './tracing.ts';

/** Instances and all that belongs to one of them on the platform (docs: operations, SW19, SDK18, CH18). */
export const instanceRoutes: readonly Route[] = [
  serve('/instances', { GET: listInstances, POST: createInstance }),
  serve('/instances/count', { GET: countInstances }),
  serve('/instances/{id}', { GET: readInstance }),
  ...serveBoth('', { PUT: replaceInstance, PATCH: updateInstance, DELETE: deleteInstance }),
  ...serveBoth('/configuration', { GET: listEntries }),
  ...serveBoth('/configuration/{configId}', { GET: readEntry, PATCH: updateEntry }),
  ...serveBoth('/enabled', { PUT: enableInstance, DELETE: disableInstance }),
  ...serveBoth('/trace-logging', { PUT: startTracing, DELETE: stopTracing }),
  serve('/elements/{keyOrId}/instances', { GET: listInstancesOfElement, POST: createInstanceOfElement }),
  serve('/elements/{keyOrId}/instances/{id}', {
    GET: readInstance,
    PUT: replaceInstance,
    DELETE: deleteInstance,
  }),
  serve('/accounts/instances', { GET: listInstancesOfOwnAccount }),
  serve('/accounts/{accountId}/instances', { GET: listInstancesOfAccount }),
];
