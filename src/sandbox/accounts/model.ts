/** What one call did to one element instance (docs: audit logs, SDK18). */
export interface AuditEntry {
  readonly id: number;
  /** Milliseconds. */
  readonly at: number;
  readonly method: string;
  /** Path template of the call, with no value of it. */
  readonly template: string;
  readonly elementInstanceId: number;
}
