import { makePlan } from '../../src/core/plan.ts';
import { declare, live, observed, plain, row, secret, type World } from '../core/world.ts';

/** One address of every action, as on a bad day. */
const everyAction: World = {
  declared: [
    declare('zendesk-emea', {
      element: 'zendesk',
      name: 'Zendesk EMEA',
      tags: ['crm'],
      configuration: { 'zendesk.subdomain': plain('emea'), password: secret('Z') },
    }),
    declare('insightly-sales', { name: 'Insightly Sales' }),
    declare('closeio-us', {
      element: 'closeio',
      name: 'Close US',
      tags: ['crm', 'us'],
      configuration: { password: secret('P') },
    }),
    declare('hubspot-main', { element: 'hubspot', name: 'HubSpot' }),
    declare('jira-core', { element: 'jira', name: 'Jira' }),
    declare('sales-new', { name: 'Sales' }),
    declare('steady', { name: 'Steady' }),
  ],
  moved: { 'sales-old': 'sales-new' },
  recorded: [
    row('closeio-us', 12201, {
      element: 'closeio',
      name: 'Close US',
      credentials: { 'configuration.password': '2026-11-02T08:00:00.000Z' },
    }),
    row('jira-core', 12300, { element: 'servicenow', name: 'Jira' }),
    row('left-over', 12400, { name: 'Left over' }),
    row('long-gone', 12500, { name: 'Long gone' }),
    row('sales-old', 12600, { name: 'Sales' }),
    row('steady', 12700, { name: 'Steady' }),
  ],
  live: [
    live(12345, { name: 'Insightly Sales' }),
    live(12201, {
      element: 'closeio',
      name: 'Close US',
      tags: ['crm', 'us', 'test', 'instate:crm:closeio-us'],
      configuration: { password: '********' },
    }),
    live(11890, { element: 'hubspot', name: 'HubSpot', createdDate: '2025-03-01T00:00:00Z' }),
    live(12077, { element: 'hubspot', name: 'HubSpot', createdDate: '2026-08-14T00:00:00Z' }),
    live(12300, { element: 'servicenow', name: 'Jira', tags: ['instate:crm:jira-core'] }),
    live(12400, { name: 'Left over', tags: ['instate:crm:left-over'] }),
    live(12600, { name: 'Sales', tags: ['instate:crm:sales-old'] }),
    live(12700, { name: 'Steady', tags: ['instate:crm:steady'], disabled: true }),
  ],
  credentials: {
    'closeio-us': { password: { applied: 'changed' } },
    'zendesk-emea': { password: { value: null, missing: ['Z'] } },
  },
};

/** What is planned for it. */
export const badDay = makePlan(observed(everyAction));
