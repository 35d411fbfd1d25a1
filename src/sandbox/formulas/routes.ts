import type { Route } from '../http/route.ts';

/** What is served of formulas. */
export const formulaRoutes: readonly Route[] = [];
