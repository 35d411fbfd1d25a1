import { describe } from 'vitest';
import { startSandbox } from '../../src/sandbox/server.ts';
import { describeService } from './service-suite.ts';

describe('the sandbox', () => {
  describeService({
    open: () => startSandbox({ now: () => Date.now() }),
    userSecret: 'contract-user',
    organizationSecret: 'contract-organization',
    element: 'closeio',
    configuration: { username: 'someone@example.com', password: 'secret' },
    isLive: false,
  });
});
