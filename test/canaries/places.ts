import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Somewhere that bytes of a run came to: a stream, a file, a file's name, a process's words. */
export interface Place {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Every file below a folder, and all of the names. What goes away meanwhile is left out: a run may be at work. */
export function listFiles(root: string): readonly Place[] {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.flatMap((name): readonly Place[] => {
    try {
      return lstatSync(join(root, name)).isFile() ? [{ name, bytes: readFileSync(join(root, name)) }] : [];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  });
  return [...files, { name: 'names of files', bytes: Buffer.from(names.join('\n')) }];
}

/** The words of a process and of all that it has started, as everybody on the machine can list them. */
export function listWords(pid: number): readonly Place[] {
  try {
    const bytes = readFileSync(`/proc/${String(pid)}/cmdline`);
    const threads = readdirSync(`/proc/${String(pid)}/task`);
    const children = threads.flatMap((thread) =>
      readFileSync(`/proc/${String(pid)}/task/${thread}/children`, 'utf8')
        .split(' ')
        .filter(Boolean),
    );
    const own = { name: 'words of a process', bytes };
    return [own, ...children.flatMap((child) => listWords(Number(child.trim())))];
  } catch {
    // It has ended meanwhile.
    return [];
  }
}
