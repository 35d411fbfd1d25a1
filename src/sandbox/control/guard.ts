import type { IncomingHttpHeaders } from 'node:http';

/**
 * A web site can make its own name point at 127.0.0.1 and then read the sandbox as if it were a part of that site (DNS
 * rebinding). The browser still sends the site's name as Host, so only names that mean this machine are answered.
 */
const LOOPBACK =
  /^(?:localhost|(?:[a-z0-9_-]{1,63}\.){1,8}localhost|127(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}|\[::1\])(?::\d{1,5})?$/i;

/** Why the page is not shown to whoever sent these headers; null if it is. */
export function forbidHost({ host }: Readonly<IncomingHttpHeaders>): string | null {
  if (host !== undefined && LOOPBACK.test(host)) return null;
  return 'This is for this machine alone, by a name that says so. Use localhost, 127.0.0.1 or [::1] as the host of the URL (a proxy in between must send such a Host header).';
}

/**
 * Why a control call is not carried out; null if it is. Any site may send a POST to another from its visitor's browser,
 * which then says so in Origin. The same host with another port is another site too.
 */
export function forbidControl(headers: Readonly<IncomingHttpHeaders>): string | null {
  const { host = '', origin } = headers;
  const refused = forbidHost(headers);
  if (refused !== null || origin === undefined) return refused;
  if (origin.toLowerCase() === `http://${host.toLowerCase()}`) return null;
  return 'Control calls from a page of another origin are refused. Send them from a program without an Origin header (curl, a test, a server), not from a page in a browser.';
}
