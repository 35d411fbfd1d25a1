import type { Health } from './plan.ts';

/** What it means for whoever uses the connection. */
export function explainHealth(kind: Health['kind']): string {
  switch (kind) {
    case 'disabled':
      return 'disabled: calls to its vendor answer 403';
    case 'invalid':
      return 'the service calls it not valid';
    case 'retired':
      return 'its element is retired: the service offers it no longer';
    default:
      return kind satisfies never;
  }
}
