import { listEchoes } from './forms.ts';
import { declare, flags, furnish, listIds, looking, manyOf } from './project.ts';
import { values } from './secrets.ts';
import { openEcho, type Sent } from './servers.ts';
import type { Path, Stage } from './stage.ts';
import type { ServerResponse } from 'node:http';

/** What a create sends. */
const sent = [
  values['user secret'],
  values['organization secret'],
  values.login,
  values.password,
  values['part of a longer string'],
  values['secret file'],
  values['key in a JSON object'],
  JSON.stringify({ type: 'service_account', inner: { key: values['key in a JSON object'] } }),
];
const account = sent.slice(0, 2);

/** Texts in as many pieces as needed, each short enough to be shown as a whole once it is masked. */
function cutUp(texts: readonly string[], size: number): readonly string[] {
  return Array.from({ length: Math.ceil(texts.length / size) }, (_, at) =>
    texts.slice(at * size, (at + 1) * size).join(' ; '),
  );
}

/** As the vendor says what went wrong, with all of it in every field. */
const vendorError = (said: string) => ({
  message: `wrong: ${said}`,
  providerMessage: `no: ${said}`,
  requestId: said,
});

/** Creates that are refused, or fail, with everything that they sent, in every form, a piece for each. */
export async function playRefusedCreates(stage: Stage): Promise<void> {
  furnish(stage);
  const pieces = cutUp(sent.flatMap(listEchoes), 12);
  stage.write('project/instate.yaml', declare(manyOf(pieces.length)));
  const on = 'POST /instances';
  const refuse = (code: number) =>
    stage.fault(
      ...pieces.map((said, at) => ({
        ...{
          on,
          nth: at + 1,
          do: 'status',
          code,
          body: vendorError(said),
          headers: { 'elements-request-id': 'x' },
        },
      })),
    );
  const failing = 'apply --yes --parallelism 1 --grace 0.2 --timeout 5';
  await refuse(400);
  await stage.run({ line: failing, with: 'each refused with an echo', code: 1, says: '(sensitive)' });
  await refuse(401);
  await stage.run({
    line: `${failing} --json --verbose`,
    with: '401 and an echo',
    code: 1,
    says: '(sensitive)',
  });
  await refuse(500);
  await stage.run({
    ...{ line: `${failing} --report text:r.txt --report json:r.json`, with: '500 and an echo' },
    ...{ code: 1, says: '(sensitive)' },
  });
  await stage.run({ line: 'recover', with: 'after those', code: 1, says: 'may still arrive' });
  const kept = pieces.map((said, at) => ({
    on,
    nth: at + 1,
    do: 'commit-then-status',
    code: 500,
    body: vendorError(said),
  }));
  await stage.fault(...kept);
  await stage.run({
    line: failing,
    with: 'each done, and then answered with 500 and an echo',
    says: `${String(pieces.length)} created`,
  });
}

/** Answers to a read that hand everything back, by what kind of answer that is. */
const answers: Readonly<Record<string, (texts: readonly string[], response: ServerResponse) => void>> =
  Object.fromEntries(
    [400, 401, 403, 404, 409, 429, 500].map((status) => [
      `${String(status)} with an echo`,
      (texts: readonly string[], response: ServerResponse) => {
        response.writeHead(status, {
          'content-type': 'application/json',
          'retry-after': '99',
          'x-echo': encodeURIComponent(texts.join(' ')),
        });
        response.end(JSON.stringify(vendorError(texts.join(' ; '))));
      },
    ]),
  );

const pages: typeof answers = {
  'a page of HTML that shows the headers': (texts, response) => {
    response.writeHead(502, { 'content-type': 'text/html', 'retry-after': '99' });
    response.end(`<html><title>${texts.join(' ')}</title><pre>${texts.join('\n')}</pre></html>`);
  },
  'a list that is none': (texts, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify([{ id: texts[0], element: { key: texts[1] }, name: 5, tags: texts }]));
  },
  'half of a JSON text': (texts, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`[{"message":"${texts.join(' ')}`);
  },
  'a redirect with everything in its address': (texts, response) => {
    response.writeHead(307, { location: `http://127.0.0.2:1/${encodeURIComponent(texts.join('/'))}` });
    response.end(texts.join(' '));
  },
  'a reason phrase and a request id': (texts, response) => {
    const id = (texts[0] ?? '').replace(/[^!-~]/g, '');
    response.writeHead(400, id.slice(0, 60), { 'elements-request-id': id, 'content-type': 'text/plain' });
    response.end(texts.join(' '));
  },
};

/** A service that answers every read with what it was sent. */
export async function playEchoedReads(stage: Stage): Promise<void> {
  furnish(stage);
  const pieces = cutUp(account.flatMap(listEchoes), 14);
  const all = { ...answers, ...pages };
  let [kind, at] = ['', 0];
  // What comes first is what a message has room for: each in its turn.
  const echo = await openEcho(({ head }: Sent, response) => {
    const said = [...pieces, head, ...listEchoes(head)];
    const first = at % said.length;
    at += 1;
    all[kind]?.([...said.slice(first), ...said.slice(0, first)], response);
  });
  const env = { INSTATE_BASE_URL: echo.url };
  const failing: Omit<Path, 'line'> = { env, code: 1, says: /\[\w+\]|"error"/ };
  try {
    for (const [nth, name] of Object.keys(all).entries()) {
      kind = name;
      const other = nth % 2 === 0 ? `drift ${looking} --json --verbose` : `apply --yes ${flags}`;
      for (const line of [`plan ${looking}`, other]) await stage.run({ ...failing, line, with: kind });
    }
  } finally {
    await echo.close();
  }
}

/** What the service says by faults once instances live: also of their tokens, which it knows. */
export async function playEchoedTokens(stage: Stage): Promise<void> {
  furnish(stage);
  await stage.run({ line: `apply --yes ${flags}`, says: '4 created' });
  const ids = Object.values(await listIds(stage));
  const live = (await Promise.all(ids.map((id) => stage.call('GET', `/instances/${String(id)}`)))) as {
    token: string;
  }[];
  const [first] = live;
  const said = [
    ...live.map(({ token }) => token).map((token) => `Element ${token}`),
    ...listEchoes(first?.token ?? ''),
  ];
  for (const [at, text] of cutUp(said, 8).entries()) {
    const code = [400, 403, 500][at % 3];
    const failure = { do: 'status', code, body: vendorError(text), headers: { 'retry-after': '99' } };
    await stage.fault({ on: 'GET /instances', times: 99, ...failure });
    const line = `plan ${looking} ${at % 2 === 0 ? '' : '--json'}`;
    await stage.run({
      line,
      with: `${String(code)} and tokens, ${String(at)}`,
      code: 1,
      says: '(sensitive)',
    });
  }
}
