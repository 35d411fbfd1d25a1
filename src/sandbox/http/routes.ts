import { accountRoutes } from '../accounts/routes.ts';
import { elementRoutes } from '../elements/routes.ts';
import { formulaRoutes } from '../formulas/routes.ts';
import { instanceRoutes } from '../instances/routes.ts';
import { vendorRoutes } from '../vendor/routes.ts';
import type { Route } from './route.ts';
import { plantRoutes } from './route-tree.ts';

/** The paths that are served, all below `/elements/api-v2`. */
export const routes: readonly Route[] = [
  ...instanceRoutes,
  ...elementRoutes,
  ...accountRoutes,
  ...formulaRoutes,
  ...vendorRoutes,
];

/** Every method and path template, as statistics count them and faults name them: `GET /instances/{id}`. */
export const operations: readonly string[] = routes.flatMap(({ template, methods }) =>
  Object.keys(methods).map((method) => `${method} ${template}`),
);

/** Finds the route of a path without its query. */
export const matchRoute = plantRoutes(routes);
