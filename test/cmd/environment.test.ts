import { describe, expect, it } from 'vitest';
import { environmentOfChild, sealEnvironment } from '../../cmd/environment.ts';

const sealed = (name: string, value = 'x'): boolean => sealEnvironment({ [name]: value }).sealed.has(name);

describe('E6: the environment is emptied of what may be a secret', () => {
  it.each([
    ...['CE_USER_SECRET', 'CE_ORGANIZATION_SECRET', 'INSIGHTLY_USERNAME', 'ANYTHING', 'REGION'],
    ...['INSTATE_STATE_KEY', 'INSTATE_STATE_KEY_OLD', 'GITHUB_TOKEN', 'CI_JOB_TOKEN', 'NODE_AUTH_TOKEN'],
    ...['AWS_SECRET_ACCESS_KEY', 'VAULT_TOKEN', 'SSH_AUTH_SOCK', 'npm_config__authToken', '__proto__'],
  ])('%s is moved out of it', (name) => {
    const environment = Object.fromEntries([
      [name, 'a-value'],
      ['PATH', '/bin'],
    ]);
    const { plain, sealed: moved } = sealEnvironment(environment);
    expect(Object.keys(environment)).toEqual(['PATH']);
    expect(Object.keys(plain)).toEqual(['PATH']);
    expect(moved.get(name)?.equals('a-value')).toBe(true);
    expect(JSON.stringify([plain, [...moved]])).not.toContain('a-value');
  });

  it.each([
    ...['PATH', 'HOME', 'LANG', 'LC_ALL', 'TERM', 'NO_COLOR', 'CI', 'CI_JOB_URL', 'GITHUB_RUN_ID'],
    ...['NODE_EXTRA_CA_CERTS', 'NODE_TLS_REJECT_UNAUTHORIZED', 'XDG_CONFIG_HOME', 'SystemRoot'],
    ...['INSTATE_STATE', 'INSTATE_BASE_URL', 'INSTATE_ENV_ALLOW', 'INSTATE_JSON'],
  ])('%s stays, as instate or a program needs it', (name) => {
    expect(sealed(name)).toBe(false);
  });

  it('INSTATE_* is for instate alone: it is kept, and not left for others to find', () => {
    const environment: Record<string, string | undefined> = { INSTATE_STATE: 'postgres://u:p@h/d' };
    expect(sealEnvironment(environment).plain).toEqual({ INSTATE_STATE: 'postgres://u:p@h/d' });
    expect(environment).toEqual({});
  });

  it('a proxy with a password is a secret, one without is none', () => {
    expect(sealed('HTTPS_PROXY', 'http://user:pass@proxy:3128')).toBe(true);
    expect(sealed('https_proxy', 'http://proxy:3128')).toBe(false);
  });

  it('what is empty stays: it hides nothing, and wins over an env file', () => {
    expect(sealEnvironment({ EMPTY: '' })).toEqual({ plain: { EMPTY: '' }, sealed: new Map() });
  });

  it('a program that is started gets what is harmless, and nothing of INSTATE_*', () => {
    const { plain } = sealEnvironment({ PATH: '/bin', INSTATE_STATE: 'postgres://u:p@h/d', MINE: 'x' });
    expect(environmentOfChild(plain)).toEqual({ PATH: '/bin' });
  });
});
