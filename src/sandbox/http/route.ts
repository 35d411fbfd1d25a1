import type { Handler, OpenHandler } from './calls.ts';

/**
 * What an operation needs in its `Authorization`: `nobody` nothing, `account` User and Organization, `token` these and
 * Element (the forms without an id), `vendor` User and Element (docs: authentication headers, SW19, DP).
 */
export type Needs = 'nobody' | 'account' | 'token' | 'vendor';

/** What a method does on a path, and for whom. */
export type Operation =
  | { readonly needs: 'nobody'; readonly handle: OpenHandler }
  | { readonly needs: Exclude<Needs, 'nobody'>; readonly handle: Handler };

/** One path and what its methods do. */
export interface Route {
  /** Below the base URL, as statistics count it and faults name it: `/instances/{id}`. */
  readonly template: string;
  readonly methods: Readonly<Record<string, Operation>>;
}

/** Makes a route whose callers are known. */
export function serve(
  template: string,
  handlers: Readonly<Record<string, Handler>>,
  needs: Exclude<Needs, 'nobody'> = 'account',
): Route {
  const methods = Object.entries(handlers).map(([method, handle]) => [method, { needs, handle }] as const);
  return { template, methods: Object.fromEntries(methods) };
}

/** Makes a route that anybody may call. */
export function serveOpen(template: string, handlers: Readonly<Record<string, OpenHandler>>): Route {
  const methods = Object.entries(handlers).map(
    ([method, handle]) => [method, { needs: 'nobody', handle }] as const,
  );
  return { template, methods: Object.fromEntries(methods) };
}

/**
 * Makes the two forms of a path: by id below `/instances/{id}`, and below `/instances` where the Element token names the
 * instance (docs: operations, SW19). `rest` begins with a slash or is empty.
 */
export function serveBoth(rest: string, handlers: Readonly<Record<string, Handler>>): readonly Route[] {
  return [serve(`/instances/{id}${rest}`, handlers), serve(`/instances${rest}`, handlers, 'token')];
}
