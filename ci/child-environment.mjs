/** What a stranger's plan needs of the environment: where things are, how text looks, and the runner's files for this step. */
const harmless = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'TMP', 'TEMP', 'TZ', 'LANG', 'LANGUAGE', /^LC_/],
  ...['TERM', 'NO_COLOR', 'FORCE_COLOR', 'CI', 'RUNNER_TEMP', 'INSTATE_BASE_URL', 'INSTATE_PROJECT'],
  ...['GITHUB_ACTIONS', 'GITHUB_WORKSPACE', 'GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY', 'GITHUB_REPOSITORY'],
  ...['GITHUB_SERVER_URL', 'GITHUB_RUN_ID', 'GITLAB_CI', 'CI_PROJECT_DIR', 'CI_JOB_URL'],
];

/** What instate has no use for: tokens of the forge, files that act on later steps, and settings of this job. */
const withheld = [
  ...['GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STATE', 'ACTIONS_RUNTIME_TOKEN'],
  ...['INSTATE_GITLAB_TOKEN', /^CI_.*(TOKEN|PASSWORD|JWT)/, /^INSTATE_ACTION_/, /^INPUT_/, 'NODE_DEBUG'],
];

/**
 * The environment that instate gets. A stranger's plan gets no secret at all; any other run gets everything but the forge's token,
 * under whatever name it stands.
 * @param {NodeJS.ProcessEnv} env
 * @param {{ untrusted: boolean, tokens: readonly string[] }} options
 * @returns {Record<string, string>}
 */
export function makeChildEnvironment(env, { untrusted, tokens }) {
  const secrets = tokens.filter((token) => token !== '');
  const kept = Object.entries(env).filter(([name, value = '']) => {
    if (secrets.some((token) => value.includes(token))) return false;
    return untrusted ? isListed(name, harmless) : !isListed(name, withheld);
  });
  return Object.fromEntries(kept.map(([name, value = '']) => [name, value]));
}

/**
 * What a package manager gets: how to reach its registry, and no secret of the account.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Record<string, string>}
 */
export function makeInstallEnvironment(env) {
  const needed = [
    ...harmless,
    /^npm_config_/i,
    'NODE_AUTH_TOKEN',
    'NODE_EXTRA_CA_CERTS',
    /^(https?|no)_proxy$/i,
  ];
  const kept = Object.entries(env).filter(([name]) => isListed(name, needed));
  return Object.fromEntries(kept.map(([name, value = '']) => [name, value]));
}

/**
 * @param {string} name
 * @param {readonly (string | RegExp)[]} names
 */
function isListed(name, names) {
  return names.some((one) => (typeof one === 'string' ? one === name : one.test(name)));
}
