import { answerJson, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import type { Instance } from '../world/model.ts';
import { listObjects } from './objects.ts';
import { sampleFields } from './samples.ts';

/**
 * `GET /objects`: the names of what the instance's element offers, also while it is disabled (docs: disable, CH18). With
 * `Elements-Version: Helium` the long form (docs: authentication headers, CH18), whose shape is invented.
 */
export function readObjects({ headers }: Call, { element }: Instance): Reply {
  const names = listObjects(element.hub);
  const version = headers['elements-version'];
  const isLong = typeof version === 'string' && version.trim().toLowerCase() === 'helium';
  return answerJson(isLong ? names.map((name) => describeObject(name, element.hub)) : names);
}

/** `GET /objects/{objectName}/metadata`: the fields of a synthetic record, whatever the object (docs: operations; types invented). */
export function readObjectMetadata(): Reply {
  return answerJson({ fields: sampleFields.map((field) => ({ ...field, vendorPath: field.path })) });
}

function describeObject(name: string, hub: string): Readonly<Record<string, unknown>> {
  return { name, displayName: name, hub, methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] };
}
