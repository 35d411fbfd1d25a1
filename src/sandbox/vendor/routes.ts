import { serve, serveBoth, type Route } from '../http/route.ts';
import {
  instanceDefinitions,
  instanceTransformations,
  listTransformationsOf,
  organizationDefinitions,
  organizationTransformations,
} from './definitions.ts';
import { readObjectMetadata, readObjects } from './describing.ts';
import { readDocs, readOperationDefinitions, readOperationDocs } from './docs.ts';
import {
  countEvents,
  countEventsByAccount,
  countEventsByInstance,
  listDispositions,
  listPollerRecords,
} from './event-figures.ts';
import { listEvents, readEvent } from './events.ts';
import { pingBare, pingVendor } from './ping.ts';
import { askInstance, reachVendor, type VendorHandler } from './reaching.ts';
import {
  createRecord,
  deleteRecord,
  listRecords,
  readRecord,
  replaceRecord,
  updateRecord,
} from './resources.ts';
import { handleThing, handleThings } from './shelves.ts';

const records = { GET: reachVendor(listRecords), POST: reachVendor(createRecord) };
const record = {
  GET: reachVendor(readRecord),
  PATCH: reachVendor(updateRecord),
  PUT: reachVendor(replaceRecord),
  DELETE: reachVendor(deleteRecord),
};

/** What an instance is used for: calls that go to the vendor behind it, and what the platform keeps for them. */
export const vendorRoutes: readonly Route[] = [
  serve('/ping', { GET: reachVendor(pingBare) }, 'vendor'),
  serve('/hubs/{hub}/ping', { GET: reachVendor(pingVendor) }, 'vendor'),
  ...serveObjects('/objects', readObjects),
  ...serveObjects('/objects/{objectName}/metadata', readObjectMetadata),
  serve('/{resource}', records, 'vendor'),
  serve('/hubs/{hub}/{resource}', records, 'vendor'),
  serve('/{resource}/{recordId}', record, 'vendor'),
  serve('/hubs/{hub}/{resource}/{recordId}', record, 'vendor'),
  ...serveBoth('/objects/definitions', handleThings(instanceDefinitions)),
  ...serveBoth('/objects/{objectName}/definitions', handleThing(instanceDefinitions)),
  ...serveBoth('/transformations', handleThings(instanceTransformations)),
  ...serveBoth('/transformations/{objectName}', handleThing(instanceTransformations)),
  serve('/organizations/objects/definitions', handleThings(organizationDefinitions)),
  serve('/organizations/objects/{objectName}/definitions', handleThing(organizationDefinitions)),
  serve('/organizations/objects/{objectName}/transformations', { GET: listTransformationsOf }),
  serve('/organizations/elements/{keyOrId}/transformations', handleThings(organizationTransformations)),
  serve(
    '/organizations/elements/{keyOrId}/transformations/{objectName}',
    handleThing(organizationTransformations),
  ),
  ...serveBoth('/docs', { GET: readDocs }),
  ...serveBoth('/docs/{operationId}', { GET: readOperationDocs }),
  ...serveBoth('/docs/{operationId}/definitions', { GET: readOperationDefinitions }),
  ...serveBoth('/events', { GET: listEvents }),
  ...serveBoth('/events/{eventId}', { GET: readEvent }),
  serve('/instances/events/analytics', { GET: countEvents }),
  serve('/instances/events/analytics/accounts', { GET: countEventsByAccount }),
  serve('/instances/events/analytics/instances', { GET: countEventsByInstance }),
  serve('/instances/events/dispositions', { GET: listDispositions }),
  serve('/instances/event-poller-records', { GET: listPollerRecords }, 'token'),
];

/** What the platform knows of a vendor's objects: with and without a hub's name. */
function serveObjects(path: string, handle: VendorHandler): readonly Route[] {
  const handlers = { GET: askInstance(handle) };
  return [serve(path, handlers, 'vendor'), serve(`/hubs/{hub}${path}`, handlers, 'vendor')];
}
