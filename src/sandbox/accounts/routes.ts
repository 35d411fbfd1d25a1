import { serve, serveOpen, type Route } from '../http/route.ts';
import { deleteAccount, listAccounts, readAccount } from './accounts.ts';
import { listAuditLogs, listAuditLogsOfInstance } from './audit.ts';
import { logIn, readSecrets } from './authentication.ts';

/** Who calls, and who changed what (docs: authentication, CH18; accounts and audit logs, SDK18). */
export const accountRoutes: readonly Route[] = [
  serveOpen('/authentication', { POST: logIn }),
  serveOpen('/authentication/secrets', { GET: readSecrets }),
  serve('/accounts', { GET: listAccounts }),
  serve('/accounts/{accountId}', { GET: readAccount, DELETE: deleteAccount }),
  serve('/audit-logs/element-instances', { GET: listAuditLogs }),
  serve('/audit-logs/element-instances/{id}', { GET: listAuditLogsOfInstance }),
];
