import {
  disableInstance,
  deleteInstance,
  enableInstance,
  readConfiguration,
  readInstance,
  updateInstance,
} from '../instances/changing.ts';
import type { Handler } from './calls.ts';
import { createInstance } from '../instances/creating.ts';
import {
  listElementKeys,
  listElements,
  readElement,
  readElementConfiguration,
} from '../elements/elements.ts';
import { listInstances } from '../instances/listing.ts';
import { pingVendor } from '../vendor/ping.ts';

/** Whose secrets a path needs: those of an account, or the token of an instance. */
export type Needs = 'account' | 'element';

/** One path and what its methods do. */
export interface Route {
  readonly template: string;
  readonly needs: Needs;
  readonly methods: Readonly<Record<string, Handler>>;
  readonly parts: readonly string[];
}

/** A route that a path matched, and the values of its `{…}`. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** The paths that are served, all below `/elements/api-v2`. Where two match, the first does. */
export const routes: readonly Route[] = [
  serve('/instances', { GET: listInstances, POST: createInstance }),
  serve('/instances/{id}', {
    GET: readInstance,
    PUT: updateInstance,
    PATCH: updateInstance,
    DELETE: deleteInstance,
  }),
  serve('/instances/{id}/configuration', { GET: readConfiguration }),
  serve('/instances/{id}/enabled', { PUT: enableInstance, DELETE: disableInstance }),
  serve('/elements', { GET: listElements }),
  serve('/elements/keys', { GET: listElementKeys }),
  serve('/elements/{keyOrId}', { GET: readElement }),
  serve('/elements/{keyOrId}/configuration', { GET: readElementConfiguration }),
  serve('/hubs/{hub}/ping', { GET: pingVendor }, 'element'),
  serve('/ping', { GET: pingVendor }, 'element'),
];

/** Every method and path template, as statistics count them and faults name them: `GET /instances/{id}`. */
export const operations: readonly string[] = routes.flatMap(({ template, methods }) =>
  Object.keys(methods).map((method) => `${method} ${template}`),
);

/** Finds the route of a path without its query; null where nothing is served. `{id}` takes digits only. */
export function matchRoute(path: string): Match | null {
  const segments = path.split('/').filter((segment) => segment !== '');
  for (const route of routes) {
    const params = matchParts(route.parts, segments);
    if (params !== null) return { route, params };
  }
  return null;
}

function serve(
  template: string,
  methods: Readonly<Record<string, Handler>>,
  needs: Needs = 'account',
): Route {
  return { template, needs, methods, parts: template.split('/').slice(1) };
}

function matchParts(parts: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (parts.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index] ?? '';
    if (!part.startsWith('{')) {
      if (part !== segment) return null;
    } else {
      const value = decodeSegment(segment);
      if (value === null || (part === '{id}' && !/^\d+$/.test(value))) return null;
      params[part.slice(1, -1)] = value;
    }
  }
  return params;
}

function decodeSegment(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
