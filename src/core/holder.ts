import type { Holder } from './model.ts';

/** Who holds a lock, as people look for it; in CI with the address of its job. */
export function describeHolder({ command, pid, user, host, since, ciUrl }: Holder): string {
  const job = ciUrl === null ? '' : `, ${ciUrl}`;
  return `${command} (process ${String(pid)} of ${user} on ${host}, since ${since}${job})`;
}
