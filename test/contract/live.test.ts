import { describe } from 'vitest';
import { describeService } from './service-suite.ts';
import type { Target } from './service-target.ts';

const {
  INSTATE_LIVE_BASE_URL: url,
  INSTATE_LIVE_USER_SECRET: userSecret,
  INSTATE_LIVE_ORGANIZATION_SECRET: organizationSecret,
  INSTATE_LIVE_ELEMENT: element = 'closeio',
  INSTATE_LIVE_CONFIGURATION: configuration,
} = process.env;
const needed = {
  INSTATE_LIVE_BASE_URL: url,
  INSTATE_LIVE_USER_SECRET: userSecret,
  INSTATE_LIVE_ORGANIZATION_SECRET: organizationSecret,
};
const [missing] = Object.entries(needed).find(([, value]) => value === undefined || value === '') ?? [];

/** Never quotes it: it holds credentials. */
function readConfiguration(text: string | undefined): Target['configuration'] {
  if (text === undefined || text === '') return null;
  let value: unknown = null;
  try {
    value = JSON.parse(text);
  } catch {
    // Said below.
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Target['configuration'];
  }
  throw new Error('INSTATE_LIVE_CONFIGURATION must be a JSON object: the configuration of an instance');
}

const target: Target = {
  open: () => Promise.resolve({ url: (url ?? '').replace(/\/+$/, ''), close: () => Promise.resolve() }),
  userSecret: userSecret ?? '',
  organizationSecret: organizationSecret ?? '',
  element,
  configuration: missing === undefined ? readConfiguration(configuration) : {},
  isLive: true,
};
if (missing !== undefined) process.stderr.write(`live contract tests skipped: ${missing} is not set\n`);
else if (target.configuration === null) {
  process.stderr.write('live contract tests make no instance: INSTATE_LIVE_CONFIGURATION is not set\n');
}

// A create may take as long as the vendor's own tests allow it: five minutes (docs: status codes, CH18).
describe.skipIf(missing !== undefined)('a live tenant', { timeout: 300_000 }, () => {
  describeService(target);
});
