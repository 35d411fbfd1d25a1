/** The objects that the elements of a hub offer, by convention; the service's own lists are longer (invented). */
const objectsOf: Readonly<Record<string, readonly string[]>> = {
  crm: ['accounts', 'contacts', 'leads', 'opportunities'],
  helpdesk: ['incidents', 'tickets', 'users'],
  marketing: ['contacts', 'lists', 'campaigns'],
  finance: ['customers', 'invoices', 'payments', 'vendors'],
  erp: ['customers', 'products', 'sales-orders'],
  ecommerce: ['customers', 'orders', 'products'],
  documents: ['files', 'folders'],
  humancapital: ['employees', 'departments'],
  payment: ['customers', 'charges', 'refunds'],
  db: ['tables'],
};

/** The names of a hub's objects. */
export function listObjects(hub: string): readonly string[] {
  return objectsOf[hub] ?? ['items', 'users'];
}
