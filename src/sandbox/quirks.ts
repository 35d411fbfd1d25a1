/**
 * What nobody wrote down about the service, or what the documents tell in two ways. Each is on by default; who has a
 * tenant and knows better turns it off with `instate sandbox --quirk NAME=off`. Sources: docs/vendor-facts.md.
 */
export const quirks = {
  'account-per-user': {
    on: 'each pair of user and organization secret has instances of its own',
    off: 'all users of an organization share its instances',
  },
  'bare-ping': { on: 'GET /ping answers as GET /hubs/{hub}/ping does', off: 'GET /ping is a 404' },
  'clone-moves-only': {
    on: 'PATCH moves an instance to a clone of its element only',
    off: 'PATCH moves an instance to any element',
  },
  'create-logs-in': {
    on: 'POST with credentials that hold "wrong" is refused with a providerMessage',
    off: 'POST stores credentials without trying them; calls to the vendor then fail',
  },
  'disabled-readable': {
    on: 'GET /instances/{id} answers for a disabled instance',
    off: 'GET /instances/{id} of a disabled instance is a 403',
  },
  'empty-account-404': {
    on: 'GET /instances without a filter is a 404 where the account is empty',
    off: 'it is 200 and []',
  },
  'empty-tags-kept': {
    on: 'tags: [] at create leaves the instance without tags',
    off: 'tags: [] at create is as if tags were left out: the name becomes the tag',
  },
  'hydrate-default-false': {
    on: 'lists without hydrate leave out configuration and tags',
    off: 'lists without hydrate are hydrated',
  },
  'mask-dropped': {
    on: 'eight asterisks that are sent for a masked key are dropped',
    off: 'eight asterisks are stored as the value',
  },
  'missing-keys-together': {
    on: 'one 400 names all missing configuration keys',
    off: 'a 400 names the first missing key',
  },
  'oversize-413': { on: 'a body over 8 MB is a 413', off: 'a body over 8 MB is a 429' },
  'patch-logs-in': {
    on: 'PUT and PATCH with credentials that hold "wrong" are refused with a providerMessage',
    off: 'PUT and PATCH store credentials without trying them',
  },
  'put-keeps': {
    on: 'PUT keeps what its body leaves out',
    off: 'PUT replaces: tags and configuration that are left out are cleared',
  },
  'request-id-same': {
    on: 'elements-request-id and the requestId of an error body are the same',
    off: 'they differ',
  },
  'second-delete-404': {
    on: 'DELETE of an id that is not there is a 404',
    off: 'DELETE of an id that is not there is a 400',
  },
  'single-reprovision': {
    on: 'PUT and PATCH with a grant code change the instance alone',
    off: 'PUT and PATCH with a grant code also leave two more instances, with the next two ids',
  },
  'tags-all': {
    on: 'several tags[] mean instances that carry all of them',
    off: 'several tags[] mean instances that carry any of them',
  },
  'void-token-ignored': {
    on: 'an Element part that names no instance is not looked at where none is needed',
    off: 'it is a 401 on every call',
  },
  'tags-need-hydrate': {
    on: 'a list with hydrate=false leaves out tags',
    off: 'a list with hydrate=false shows tags',
  },
} as const satisfies Readonly<Record<string, { readonly on: string; readonly off: string }>>;

/** The name of a quirk. */
export type QuirkName = keyof typeof quirks;

/** Which quirks are turned off. */
export type QuirksOff = ReadonlySet<QuirkName>;

/** Tells a quirk's name from any other word. */
export function isQuirkName(name: string): name is QuirkName {
  return Object.hasOwn(quirks, name);
}
