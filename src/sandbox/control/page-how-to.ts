import { html, type Html } from './escaping.ts';

/** How to call the sandbox: plain text, with the address that the reader used. */
export function renderHowTo(host: string): Html {
  const root = `http://${host}`;
  return html`<p>
      Any two words are good secrets; each pair has an account of its own. The word <code>invalid</code> is
      refused.
    </p>
    <pre tabindex="0"><code>export INSTATE_BASE_URL=${root}/elements/api-v2
curl -H 'Authorization: User anyone, Organization any' ${root}/elements/api-v2/instances</code></pre>
    <h3>Control calls</h3>
    <p>They need no secrets, and meet no fault. They stand in for nothing that the service has.</p>
    <dl>
      <dt><code>GET /__sandbox/stats</code></dt>
      <dd>how often each operation was called, and how many instances live</dd>
      <dt><code>GET /__sandbox/requests</code></dt>
      <dd>the last 1,000 requests, secrets and all</dd>
      <dt><code>GET /__sandbox/operations</code></dt>
      <dd>what stats count and faults name</dd>
      <dt><code>POST /__sandbox/faults</code></dt>
      <dd>scripts faults; an empty list clears them</dd>
      <dt><code>POST /__sandbox/reset</code></dt>
      <dd>forgets accounts, requests and faults</dd>
      <dt><code>POST /__sandbox/stop</code></dt>
      <dd>ends the sandbox</dd>
    </dl>
    <pre
      tabindex="0"
    ><code>curl ${root}/__sandbox/faults -d '[{"on": "POST /instances", "nth": 2, "do": "commit-then-drop"}]'
curl -X POST ${root}/__sandbox/reset</code></pre>`;
}
