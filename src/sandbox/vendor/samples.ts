import type { Kept } from '../world/model.ts';
import { formatDate } from '../world/world.ts';

/** A field of every synthetic record. */
export interface SampleField {
  readonly path: string;
  readonly type: 'string' | 'boolean' | 'date';
}

const COUNT = 5;
const FIRST_ID = 1001;
const FIRST_DAY = Date.UTC(2024, 0, 1);
const DAY = 86_400_000;

/** What `/objects/{objectName}/metadata` and the docs of an instance say of a record (invented). */
export const sampleFields: readonly SampleField[] = [
  { path: 'id', type: 'string' },
  { path: 'name', type: 'string' },
  { path: 'description', type: 'string' },
  { path: 'active', type: 'boolean' },
  { path: 'createdDate', type: 'date' },
  { path: 'lastModifiedDate', type: 'date' },
];

/** The records that a vendor holds at first: a few, the same each time, by ascending id; `description` is null (invented). */
export function makeSamples(resource: string): Map<string, Kept> {
  const samples = Array.from({ length: COUNT }, (_, index): Kept => ({
    id: String(FIRST_ID + index),
    name: `${resource} ${index + 1}`,
    description: null,
    active: true,
    createdDate: formatDate(FIRST_DAY + index * DAY),
    lastModifiedDate: formatDate(FIRST_DAY + (index + COUNT) * DAY),
  }));
  return new Map(samples.map((sample) => [String(sample['id']), sample]));
}
