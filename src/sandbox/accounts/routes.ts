import type { Route } from '../http/route.ts';

/** What is served of accounts. */
export const accountRoutes: readonly Route[] = [];
