import {
  answerEmpty,
  answerText,
  isRefusal,
  readObject,
  refuse,
  type Refusal,
  type Reply,
} from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { cutPage, describePage, readPaging } from '../http/pages.ts';
import type { Instance, Kept } from '../world/model.ts';
import { formatDate, nextObjectId } from '../world/world.ts';
import { recordEvent, type Happening } from './events.ts';
import { isSet } from './reaching.ts';
import { readRecords, removeRecord, storeRecord, type Drawer } from './records.ts';

/** `GET /{resource}`: one page of records. Without any it is 200 and `[]`: the 404 of empty lists is the platform's (inferred). */
export function listRecords(call: Call, instance: Instance): Reply {
  const paging = readPaging(call.query);
  if (isRefusal(paging)) return paging;
  const records = readRecords(findDrawer(call, instance));
  const page = cutPage([...records.keys()].map(Number), paging);
  const items = page.ids.map((id) => records.get(String(id)));
  return answerText(render(instance, items), describePage(page));
}

/** `POST /{resource}`: answers 200 with the record and the id that it got, whatever id was sent (inferred). */
export function createRecord(call: Call, instance: Instance): Reply {
  const body = readObject(call.text);
  if (isRefusal(body)) return body;
  const id = String(nextObjectId(call.world));
  const date = formatDate(call.world.now());
  const record = { ...body, id, createdDate: date, lastModifiedDate: date };
  return keepRecord(call, instance, record, 'CREATED');
}

/** `GET /{resource}/{recordId}`. */
export function readRecord(call: Call, instance: Instance): Reply {
  const record = findRecord(call, instance);
  return record === null ? refuseRecord(call) : answerText(render(instance, record));
}

/** `PATCH /{resource}/{recordId}`: fields that are sent replace those of the record, others stay (inferred). */
export function updateRecord(call: Call, instance: Instance): Reply {
  return changeRecord(call, instance, (record, fields) => ({ ...record, ...fields }));
}

/** `PUT /{resource}/{recordId}`: what is not sent is gone, but for id and dates (inferred). */
export function replaceRecord(call: Call, instance: Instance): Reply {
  return changeRecord(call, instance, (_, fields) => fields);
}

/** `DELETE /{resource}/{recordId}`: 200 with no body; a second one is a 404 (inferred). */
export function deleteRecord(call: Call, instance: Instance): Reply {
  const record = findRecord(call, instance);
  if (record === null) return refuseRecord(call);
  const drawer = findDrawer(call, instance);
  const id = String(record['id']);
  const refusal = removeRecord(drawer, id);
  if (refusal !== null) return refusal;
  recordEvent(call, instance, { eventType: 'DELETED', objectType: drawer.resource, objectId: id });
  return answerEmpty();
}

function changeRecord(call: Call, instance: Instance, change: (record: Kept, fields: Kept) => Kept): Reply {
  const record = findRecord(call, instance);
  if (record === null) return refuseRecord(call);
  const body = readObject(call.text);
  if (isRefusal(body)) return body;
  const { id, createdDate } = record;
  const lastModifiedDate = formatDate(call.world.now());
  const changed = { ...change(record, body), id, createdDate, lastModifiedDate };
  return keepRecord(call, instance, changed, 'UPDATED');
}

/** Answers with a record and keeps it. One too deep to be written as JSON throws first, and is not kept. */
function keepRecord(call: Call, instance: Instance, record: Kept, eventType: Happening['eventType']): Reply {
  const answer = answerText(render(instance, record));
  const drawer = findDrawer(call, instance);
  const id = String(record['id']);
  const refusal = storeRecord(drawer, id, record);
  if (refusal !== null) return refusal;
  recordEvent(call, instance, { eventType, objectType: drawer.resource, objectId: id });
  return answer;
}

/**
 * Records as JSON, fields that are null left out where `filter.response.nulls` is true, which is its default (docs: event
 * keys, DP); that inner fields count too, and members of lists do not, is inferred.
 */
function render(instance: Instance, value: unknown): string {
  if (!isSet(instance, 'filter.response.nulls')) return JSON.stringify(value);
  return JSON.stringify(value, (_, inner: unknown) => (inner === null ? undefined : inner));
}

function findDrawer({ account, params }: Call, instance: Instance): Drawer {
  return { account, instanceId: instance.id, resource: params['resource'] ?? '' };
}

function findRecord(call: Call, instance: Instance): Kept | null {
  return readRecords(findDrawer(call, instance)).get(call.params['recordId'] ?? '') ?? null;
}

/** The 404 of a record that is not there; both texts are invented. */
function refuseRecord({ params }: Call): Refusal {
  const { resource = '', recordId = '' } = params;
  return refuse(404, `No ${resource} record found with ID ${recordId}`, 'Not Found');
}
