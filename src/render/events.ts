import type { Change } from '../core/change.ts';
import type { Plan } from '../core/plan.ts';
import type { Ledger, Result } from '../core/result.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { clean, defuseJson } from './screen.ts';
import { describeStatus, renderLedger } from './text-apply.ts';
import { renderSummary } from './text-plan.ts';

/** One event, without its time: a line of the stream in the shape that Terraform's machine-readable interface has. */
export interface Event {
  readonly type:
    | 'version'
    | 'planned_change'
    | 'apply_start'
    | 'apply_complete'
    | 'apply_errored'
    | 'diagnostic'
    | 'change_summary';
  readonly level: 'info' | 'warn' | 'error';
  /** For people; one line. */
  readonly message: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One line of NDJSON, with its line feed. `timestamp`: ISO. */
export function renderEvent({ type, level, message, body }: Event, timestamp: string): string {
  const head = { '@level': level, '@message': message, '@module': 'instate.ui', '@timestamp': timestamp };
  return defuseJson(`${JSON.stringify({ ...head, type, ...body })}\n`);
}

/** The first event: who writes, in which version of the format. */
export function describeVersion(version: string): Event {
  const body = { instate: version, ui: '1.0' };
  return { type: 'version', level: 'info', message: `instate ${version}`, body };
}

/** A change that is planned; held ones and conflicts too. */
export function describePlannedChange(change: Change): Event {
  const { address, action, held, reason } = change;
  const body = { change: { resource: nameResource(change), action, held, reason: reason.code } };
  const message = `${address}: ${action} planned${held ? ' (held)' : ''}`;
  return { type: 'planned_change', level: 'info', message, body };
}

/** What a plan sums up to. */
export function summarisePlan(plan: Plan): Event {
  const { create, adopt, forget, held, conflict } = plan.summary;
  const changes = { add: create, import: adopt, change: 0, remove: 0, forget, held, conflict };
  return summarise(renderSummary(plan), { ...changes, operation: 'plan' }, plan.digest);
}

/** What an apply came to. */
export function summariseApply(outcome: string, ledger: Ledger): Event {
  const { created, adopted, forgotten, failed, uncertain, notAttempted } = ledger;
  const changes = { add: created, import: adopted, change: 0, remove: 0, forget: forgotten };
  const rest = { failed, uncertain, notAttempted, outcome, operation: 'apply' };
  return summarise(renderLedger(outcome, ledger), { ...changes, ...rest }, null);
}

function summarise(message: string, changes: object, digest: string | null): Event {
  const body = { changes, ...(digest === null ? {} : { digest }) };
  return { type: 'change_summary', level: 'info', message, body };
}

const doing = { create: 'creating', adopt: 'adopting', forget: 'forgetting', conflict: 'waiting' } as const;

/** A change is begun: a create is about to be sent. */
export function describeStart(change: Change, action: Result['action']): Event {
  const hook = { resource: nameResource(change), action };
  const message = `${change.address}: ${doing[action]}`;
  return { type: 'apply_start', level: 'info', message, body: { hook } };
}

/** What became of a change; `seconds`: since its start. */
export function describeEnd(change: Change, result: Result, seconds: number): Event {
  const { action, status, instanceId, error } = result;
  const isDone = status === 'done';
  const id = instanceId === null ? {} : { id_key: 'id', id_value: String(instanceId) };
  const hook = {
    ...{ resource: nameResource(change), action, ...id, elapsed_seconds: seconds, status },
    ...(error === null ? {} : { error: describeError(error) }),
  };
  const why = error === null ? '' : `: ${clean(error.message)}`;
  const message = `${change.address}: ${describeStatus(result)}${why}`;
  return {
    ...{ type: isDone ? 'apply_complete' : 'apply_errored', level: isDone ? 'info' : 'error' },
    ...{ message, body: { hook } },
  };
}

function describeError({ code, message, requestId }: NonNullable<Result['error']>): object {
  return { code, message, ...(requestId === null ? {} : { requestId }) };
}

/** Something that the run has to say of itself or of the files. */
export function describeDiagnostic(diagnostic: Diagnostic): Event {
  const { severity, code, summary, detail, address, file, line, column, requestId } = diagnostic;
  const range =
    file === undefined ? {} : { range: { filename: file, start: { line: line ?? 1, column: column ?? 1 } } };
  const known = {
    ...(address === undefined ? {} : { address }),
    ...(requestId === undefined ? {} : { requestId }),
  };
  const level = ({ error: 'error', warning: 'warn', info: 'info' } as const)[severity];
  const body = { diagnostic: { severity, code, summary, detail, ...known, ...range } };
  return { type: 'diagnostic', level, message: clean(summary), body };
}

function nameResource({ address, element, name }: Change): object {
  return {
    addr: address,
    resource: address,
    resource_type: element,
    resource_name: name,
    resource_key: null,
  };
}
