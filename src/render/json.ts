import type { Drift } from '../core/drift.ts';
import type { Plan } from '../core/plan.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { defuseJson } from './screen.ts';

/** What every JSON answer begins with (product.md §4); what is not known yet is null. */
export interface Envelope {
  readonly instateVersion: string;
  readonly command: string;
  /** ISO. */
  readonly timestamp: string;
  readonly project: string | null;
  readonly account: { readonly baseUrl: string; readonly user: number | null } | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly stats: {
    readonly requests: { readonly GET: number; readonly POST: number };
    readonly retries: number;
    readonly ms: number;
  };
}

/** One JSON document, keys in a fixed order, with a line feed at the end. */
export function renderJson(envelope: Envelope, body: Readonly<Record<string, unknown>>): string {
  const diagnostics = envelope.diagnostics.map(({ excerpt: _excerpt, ...diagnostic }) => diagnostic);
  return defuseJson(
    `${JSON.stringify({ formatVersion: '1.0', ...envelope, diagnostics, ...body }, null, 2)}\n`,
  );
}

/** A plan's own part of its JSON answer. */
export function describePlan(plan: Plan): Readonly<Record<string, unknown>> {
  const { live, applyable, digest, changes, summary, notVerified, health, guards, unmanaged, moves } = plan;
  const shown = health.map(({ address, kind }) => ({ address, kind }));
  return {
    ...{ live, applyable, digest, changes, summary, notVerified, health: shown, guards, unmanaged, moves },
  };
}

/** A drift report's own part of its JSON answer. `now`: ISO, for the age of the last apply. */
export function describeDrift(drift: Drift, now: string): Readonly<Record<string, unknown>> {
  const { drifted, items, coverage, alike, lastApply, reach, plan } = drift;
  const ageSeconds =
    lastApply === null ? null : Math.max(0, Math.floor((Date.parse(now) - Date.parse(lastApply)) / 1000));
  return {
    ...{ drifted, items, coverage, alike },
    lastApply: lastApply === null ? null : { at: lastApply, ageSeconds },
    ...(reach === null ? {} : { reach }),
    guards: plan.guards,
  };
}
