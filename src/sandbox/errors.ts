/** Why a sandbox could not start: its message says what is wrong and how. Never sent over HTTP. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  /** An option that makes no sense, or a port that cannot be had. */
  readonly about: 'option' | 'port';

  constructor(message: string, about: 'option' | 'port' = 'option') {
    super(message);
    this.about = about;
  }
}
