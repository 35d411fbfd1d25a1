// The raw client: what a careful person would write by hand for one evening, with none of instate's promises but the
// durable intent. No YAML, no matching, no retries, no tags, no encryption. It sets the floor that instate is held against.
//   node raw.mjs plan|apply|load    with URL, BODIES, DATABASE and the secrets in the environment
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import Database from 'better-sqlite3';

const { URL: base, BODIES: file, DATABASE: location, CE_USER_SECRET, CE_ORGANIZATION_SECRET } = process.env;
const parallelism = 10;
const pageSize = 200;
const agent = new Agent({ keepAlive: true, maxSockets: parallelism });
const authorization = `User ${CE_USER_SECRET}, Organization ${CE_ORGANIZATION_SECRET}`;

function send(method, path, body) {
  return new Promise((resolve, reject) => {
    const headers = { authorization, accept: 'application/json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (body !== undefined) headers['content-length'] = Buffer.byteLength(body);
    const call = request(`${base}${path}`, { method, agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status, headers: found } = response;
        resolve({ status, headers: found, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** All pages, one after the other: each names the next one. */
async function list() {
  const instances = [];
  for (let next = ''; ;) {
    const page = await send('GET', `/instances?hydrate=true&pageSize=${pageSize}${next}`);
    if (page.status === 404) return instances;
    if (page.status !== 200) throw new Error(`the list was answered with ${page.status}`);
    instances.push(...page.body);
    const cursor = page.headers['elements-next-page-token'];
    if (instances.length === Number(page.headers['elements-total-count']) || cursor === undefined) {
      return instances;
    }
    next = `&nextPage=${encodeURIComponent(cursor)}`;
  }
}

function openDatabase() {
  const db = new Database(location);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`
    CREATE TABLE IF NOT EXISTS intents (address TEXT PRIMARY KEY, opened INTEGER NOT NULL, settled INTEGER);
    CREATE TABLE IF NOT EXISTS instances (address TEXT PRIMARY KEY, id INTEGER NOT NULL, token TEXT NOT NULL);
  `);
  return db;
}

/** Writes that come in one turn of the event loop share one commit; each promise resolves once its write is durable. */
function groupCommit(db) {
  let waiting = [];
  const commit = db.transaction((group) => {
    for (const { write } of group) write();
  });
  const flush = () => {
    const group = waiting;
    waiting = [];
    commit.immediate(group);
    for (const { resolve } of group) resolve();
  };
  return (write) =>
    new Promise((resolve) => {
      waiting.push({ write, resolve });
      if (waiting.length === 1) setImmediate(flush);
    });
}

/** Runs `work` over `items`, ten at a time. */
async function spread(items, work) {
  let next = 0;
  const lane = async () => {
    while (next < items.length) await work(items[next++]);
  };
  await Promise.all(Array.from({ length: parallelism }, lane));
}

function readBodies() {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Declared, recorded and live side by side, by id and by name: as little as one can call a plan. */
async function plan() {
  const declared = readBodies();
  const live = new Map((await list()).map((instance) => [instance.id, instance]));
  const db = openDatabase();
  const rows = db.prepare('SELECT address, id FROM instances').all();
  db.close();
  const ids = new Map(rows.map(({ address, id }) => [address, id]));
  const same = ({ address, body }) => live.get(ids.get(address))?.name === body.name;
  const found = declared.filter(same).length;
  return { declared: declared.length, found, missing: declared.length - found };
}

/** Lists, then POSTs what no live instance has the name of: intent, request, settlement. */
async function apply() {
  const names = new Set((await list()).map(({ name }) => name));
  const missing = readBodies().filter(({ body }) => !names.has(body.name));
  const db = openDatabase();
  const write = groupCommit(db);
  const open = db.prepare('INSERT INTO intents (address, opened) VALUES (?, ?)');
  const settle = db.prepare('UPDATE intents SET settled = ? WHERE address = ?');
  const record = db.prepare('INSERT INTO instances (address, id, token) VALUES (?, ?, ?)');
  await spread(missing, async ({ address, body }) => {
    await write(() => open.run(address, Date.now()));
    const answer = await send('POST', '/instances', JSON.stringify(body));
    if (answer.status !== 200) throw new Error(`a create was answered with ${answer.status}`);
    await write(() => {
      settle.run(Date.now(), address);
      record.run(address, answer.body.id, answer.body.token);
    });
  });
  db.close();
  return { created: missing.length };
}

/** Requests alone, to see what the sandbox can take: the list's first page 100 times, then every create. Nothing is recorded. */
async function load() {
  const bodies = readBodies().map(({ body }) => JSON.stringify(body));
  const time = async (items, work) => {
    const start = performance.now();
    await spread(items, work);
    return (items.length / (performance.now() - start)) * 1000;
  };
  const posts = await time(bodies, (body) => send('POST', '/instances', body));
  const path = `/instances?hydrate=true&pageSize=${pageSize}`;
  const pages = await time(Array(100).fill(path), (one) => send('GET', one));
  return { posts: Math.round(posts), pages: Math.round(pages) };
}

const result = await { plan, apply, load }[process.argv[2]]();
agent.destroy();
console.log(JSON.stringify(result));
