import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { InstateError } from '../src/errors.ts';

/**
 * What `statfs` calls network file systems on Linux. NFS, SMB, CIFS, SMB2, AFS and Ceph are in the kernel's `linux/magic.h`;
 * Lustre (its `lustre_user.h`) and GPFS are as GNU coreutils lists them for `stat -f`. 9p and FUSE are not here: WSL and
 * containers put local disks behind them. Other systems than Linux name nothing here that could be told from a number.
 */
const networks: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
]);

/** The file system that holds a folder. */
export interface Volume {
  /** `NFS`, `SMB` …; null for a local one, or one that nobody knows. */
  readonly network: string | null;
  /** Bytes that this user may still write. */
  readonly free: number;
}

/** Where the folder lies, or the nearest one above it that is there; null if the system does not say. */
export function inspectVolume(folder: string): Volume | null {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const { type, bavail, bsize } = statfsSync(at);
      // Some kernels answer with the sign of 32 bits.
      return { network: networks.get(type >>> 0) ?? null, free: bavail * bsize };
    } catch {
      if (at === dirname(at)) return null;
    }
  }
}

/** `state_unsupported` for a location on a network file system, null for any other. */
export function findNetworkFault(location: string): InstateError | null {
  const network = inspectVolume(dirname(location))?.network ?? null;
  if (network === null) return null;
  const message = `The state ${location} lies on a network file system (${network}), where a lock may bind one machine only and SQLite's journal does not work.`;
  return new InstateError('state_unsupported', message, {
    hint: 'keep the state on a local disk: --state PATH',
  });
}
