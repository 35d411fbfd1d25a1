/** Why a sandbox could not start: its message says which option is wrong and how. Never sent over HTTP. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
}
