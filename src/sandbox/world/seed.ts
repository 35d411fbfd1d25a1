import { findElement, type Element } from './catalogue.ts';
import { normaliseConfiguration } from './configuration.ts';
import type { Account, Draft } from './model.ts';
import { insertInstance, type World } from './world.ts';

/** The elements that seeds are made of, in turn. */
const SEED_KEYS = [
  'insightly',
  'closeio',
  'servicenow',
  'freshdeskv2',
  'jira',
  'sfdc',
  'hubspot',
  'zendesk',
  'stripe',
];
const REGIONS = ['emea', 'amer', 'apac'];
const FIRST_DAY = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;

/**
 * Fills a new account with so many instances: the same ones each time, but for their ids. `sfdc` and its like get no
 * tokens: they stand for instances that somebody authenticated by hand.
 */
export function seedAccount(world: World, account: Account, count: number): void {
  const elements = SEED_KEYS.map(findElement).filter((element) => element !== null);
  for (let index = 0; index < count; index += 1) {
    const element = elements[index % elements.length];
    if (element === undefined) return;
    insertInstance(world, account, draftSeed(element, index), FIRST_DAY + index * MINUTE);
  }
}

function draftSeed(element: Element, index: number): Draft {
  const number = String(index + 1).padStart(4, '0');
  const sent = element.keys
    .filter(({ required }) => required)
    .map(({ key }) => [key, sampleValue(key, number)]);
  return {
    name: `${element.name} ${number}`,
    tags: ['seed', element.hub, REGIONS[index % REGIONS.length] ?? 'emea'],
    element,
    configuration: normaliseConfiguration(Object.fromEntries(sent)),
  };
}

function sampleValue(key: string, number: string): string {
  if (/username$/.test(key)) return `seed-${number}@example.com`;
  return /url$/.test(key) ? 'https://example.com/callback' : `seed-${number}`;
}
