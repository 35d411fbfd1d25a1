import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import type { Json, Reference, SensitiveTemplate } from '../core/model.ts';
import { openSensitive, Sensitive } from '../core/sensitive.ts';
import type { Variables } from './env-file.ts';
import { isInside } from './inside.ts';
import { nameReference, parseTemplate } from './template.ts';

export interface ReferenceOptions {
  readonly variables: Variables;
  /** `INSTATE_FILE_ROOTS`: absolute folders that `${file:}` may read besides that of the declaring file. */
  readonly fileRoots: readonly string[];
  /** Read no file, whatever refers to it: each counts as unset. */
  readonly noFiles?: boolean;
}

/** What one reference gives. `refused`: it exists, but may not be read (safety.md F3). */
export type Reading =
  | { readonly kind: 'value'; readonly value: Sensitive }
  | { readonly kind: 'unset' }
  | { readonly kind: 'refused'; readonly why: string; readonly hint: string };

/** Reads references, each distinct one once. `folder`: absolute, of the declaring file. */
export type ReadReference = (reference: Reference, folder: string | null) => Reading;

/** What a file or a command may give. */
export const maxBytes = 64 * 1024;

export function makeReader({ variables, fileRoots, noFiles = false }: ReferenceOptions): ReadReference {
  const known = new Map<string, Reading>();
  return ({ scheme, name }, folder) => {
    // Commands are run later, if at all.
    if (scheme === 'exec' || (scheme === 'file' && noFiles)) return { kind: 'unset' };
    const key = scheme === 'file' ? `${String(folder)}\0${name}` : name;
    let reading = known.get(key);
    if (!reading) {
      reading = scheme === 'file' ? readSecretFile(name, folder, fileRoots) : readVariable(variables, name);
      known.set(key, reading);
    }
    return reading;
  };
}

function readVariable(variables: Variables, name: string): Reading {
  if (isStateKey(name))
    return { kind: 'refused', why: 'it is the key of the state', hint: 'Use another variable.' };
  const value = variables.get(name);
  return value === null ? { kind: 'unset' } : { kind: 'value', value };
}

/** Holds this variable the key of the state, or the one that it had before? */
export function isStateKey(name: string): boolean {
  return name.startsWith('INSTATE_STATE_KEY');
}

/**
 * The content of a file, less one newline at its end; empty or absent is unset. Its real path must lie in the folder
 * of the declaring file or below a root; only regular files up to 64 KiB, nothing of the kernel's (safety.md F3).
 */
function readSecretFile(path: string, folder: string | null, roots: readonly string[]): Reading {
  const hint = 'Move the file beside the declarations, or name its folder in INSTATE_FILE_ROOTS.';
  const outside: Reading = {
    kind: 'refused',
    why: 'the file lies outside of the folder of the declarations',
    hint,
  };
  if (folder === null && !isAbsolute(path)) return outside;
  const full = folder === null ? path : resolve(folder, path);
  const allowed = [...(folder === null ? [] : [folder]), ...roots.filter(isAbsolute)];
  const real = findRealPath(full);
  if (real === null) return allowed.some((root) => isInside(full, root)) ? { kind: 'unset' } : outside;
  if (/^\/(proc|dev|sys)(\/|$)/.test(real)) return { kind: 'refused', why: 'it belongs to the system', hint };
  // Git's folder may hold a token of the job; ours is the state.
  const own = /(?:^|\/)(\.git|\.instate)(?:\/|$)/.exec(relative(folder ?? '/', real))?.[1];
  if (own !== undefined) return { kind: 'refused', why: `it lies in ${own}`, hint };
  if (/(?:^|\/)\.env(?:\.[^/]*)?$/.test(real)) {
    const instead = 'Give it with --env-file, and refer to one of its variables: ${env:NAME}.';
    return { kind: 'refused', why: 'it is an env file, with other secrets beside this one', hint: instead };
  }
  const isAllowed = allowed.map(findRealPath).some((root) => root !== null && isInside(real, root));
  return isAllowed ? readRegularFile(real) : outside;
}

function findRealPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function readRegularFile(path: string): Reading {
  const refuse = (why: string): Reading => ({
    kind: 'refused',
    why,
    hint: 'It must be a text file of at most 64 KiB.',
  });
  let handle: number | null = null;
  try {
    if (!lstatSync(path).isFile()) return refuse('it is not a regular file');
    // Neither follows a link nor waits for a pipe, whatever took the file's place in between.
    handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const status = fstatSync(handle);
    if (!status.isFile()) return refuse('it is not a regular file');
    if (status.size > maxBytes) return refuse('it is larger than 64 KiB');
    const bytes = readFileSync(handle);
    if (bytes.length > maxBytes) return refuse('it is larger than 64 KiB');
    return readBytes(bytes);
  } catch {
    return refuse('it cannot be read as text');
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

/** A secret as a file gives it: UTF-8, less one line break at its end; a program's (`all`) less all of them, as in `$(…)`. Throws for what is no text. */
export function readBytes(
  bytes: Uint8Array,
  breaks: 'one' | 'all' = 'one',
): Extract<Reading, { kind: 'value' | 'unset' }> {
  const end = breaks === 'all' ? /(?:\r?\n)+$/ : /\r?\n$/;
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(end, '');
  return text === '' ? { kind: 'unset' } : { kind: 'value', value: new Sensitive(text) };
}

/**
 * The port `References`: resolves what a declaration holds, all of its references at once, by the reader that the files were read
 * with, so that nothing is read twice (and no file once a lock is held: closing one of the state's would drop it, safety.md D2).
 * `commands`: what those of `secretCommands` gave, by name. A JSON object becomes its JSON text. What
 * a file or variable may not be read for is `missing` here; `loadDeclarations` reported it by name already.
 */
export function makeReferences(
  read: ReadReference,
  commands: ReadonlyMap<string, Reading> = new Map(),
): {
  resolve(
    template: SensitiveTemplate,
  ): { readonly value: Sensitive } | { readonly missing: readonly string[] };
} {
  return {
    resolve(template) {
      const missing = new Set<string>();
      const look = (reference: Reference): string => {
        const given = reference.scheme === 'exec' ? commands.get(reference.name) : undefined;
        const reading = given ?? read(reference, template.folder ?? null);
        if (reading.kind === 'value') return openSensitive(reading.value);
        missing.add(nameReference(reference));
        return '';
      };
      const filled = fillJson(template.template, look);
      if (missing.size > 0) return { missing: [...missing] };
      return { value: new Sensitive(typeof filled === 'string' ? filled : JSON.stringify(filled)) };
    },
  };
}

function fillJson(json: Json, look: (reference: Reference) => string): Json {
  if (typeof json === 'string') {
    return parseTemplate(json)
      .parts.map((part) => (part.kind === 'text' ? part.text : look(part.reference)))
      .join('');
  }
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return json.map((item: Json) => fillJson(item, look));
  return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, fillJson(item as Json, look)]));
}

/** The variables of these names as a program gets them; the ones that are unset are left out. */
export function openVariables(
  variables: Variables,
  names: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = variables.get(name);
      return value === null ? [] : [[name, openSensitive(value)]];
    }),
  );
}
