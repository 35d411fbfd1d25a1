import {
  answerEmpty,
  answerJson,
  answerText,
  isPlainObject,
  isRefusal,
  readObject,
  refuse,
  type Refusal,
  type Reply,
} from '../http/answers.ts';
import type { Call, Handler } from '../http/calls.ts';
import type { Kept } from '../world/model.ts';

/** Things that clients keep under the names of objects: on an instance or on the organization. */
export interface Shelf {
  /** What one of them is called in texts. */
  readonly noun: string;
  /** Where they are kept. */
  readonly find: (call: Call) => Map<string, Kept> | Refusal;
  /** Fills in what was left out of one; null where its `fields` are not a list of objects with a path. */
  readonly complete: (sent: Kept, name: string, call: Call) => Kept | null;
}

/** How many things one shelf holds: a limit of the sandbox, a 400 over it. */
const MAX_THINGS = 1000;

/** GET of all: a map by name; none is a 404 (docs: an empty result is 404, CH18). */
function listThings(shelf: Shelf): Handler {
  return (call) => {
    const things = shelf.find(call);
    if (isRefusal(things)) return things;
    return things.size === 0 ? refuseNone(shelf) : answerJson(Object.fromEntries(things));
  };
}

/** POST of a map: adds all of them or, if one is not good or exists, none (inferred). */
function addThings(shelf: Shelf): Handler {
  return (call) => {
    const things = shelf.find(call);
    if (isRefusal(things)) return things;
    const body = readObject(call.text);
    return isRefusal(body) ? body : addAll(shelf, call, things, Object.entries(body));
  };
}

/** PUT of a map: it takes the place of all that was there (inferred). */
function replaceThings(shelf: Shelf): Handler {
  return (call) => {
    const things = shelf.find(call);
    if (isRefusal(things)) return things;
    const body = readObject(call.text);
    if (isRefusal(body)) return body;
    const fresh = new Map<string, Kept>();
    const answer = addAll(shelf, call, fresh, Object.entries(body));
    if (isRefusal(answer)) return answer;
    things.clear();
    for (const [name, thing] of fresh) things.set(name, thing);
    return answer;
  };
}

/** GET, POST, PUT and DELETE of all at once. */
export function handleThings(shelf: Shelf): Readonly<Record<string, Handler>> {
  return {
    GET: listThings(shelf),
    POST: addThings(shelf),
    PUT: replaceThings(shelf),
    DELETE: removeThings(shelf),
  };
}

/** DELETE of all; none is a 404 (inferred). */
function removeThings(shelf: Shelf): Handler {
  return (call) => {
    const things = shelf.find(call);
    if (isRefusal(things)) return things;
    if (things.size === 0) return refuseNone(shelf);
    things.clear();
    return answerEmpty();
  };
}

/** What GET, POST, PUT and DELETE do to the one that `{objectName}` names: 409 on POST if it exists, else 404 if not (inferred). */
export function handleThing(shelf: Shelf): Readonly<Record<string, Handler>> {
  return {
    GET: onThing(shelf, (thing) => answerJson(thing)),
    POST: (call) => {
      const things = shelf.find(call);
      if (isRefusal(things)) return things;
      const body = readObject(call.text);
      if (isRefusal(body)) return body;
      const name = readName(call);
      const refusal = addAll(shelf, call, things, [[name, body]]);
      return isRefusal(refusal) ? refusal : answerJson(things.get(name));
    },
    PUT: onThing(shelf, (_, things, call) => {
      const body = readObject(call.text);
      if (isRefusal(body)) return body;
      const name = readName(call);
      const thing = shelf.complete(body, name, call);
      if (thing === null) return refuseShape(shelf, name);
      const answer = answerJson(thing);
      things.set(name, thing);
      return answer;
    }),
    DELETE: onThing(shelf, (_, things, call) => {
      things.delete(readName(call));
      return answerEmpty();
    }),
  };
}

function onThing(shelf: Shelf, act: (thing: Kept, things: Map<string, Kept>, call: Call) => Reply): Handler {
  return (call) => {
    const things = shelf.find(call);
    if (isRefusal(things)) return things;
    const name = readName(call);
    const thing = things.get(name);
    return thing === undefined
      ? refuse(404, `No ${shelf.noun} found with name ${name}`)
      : act(thing, things, call);
  };
}

/** Answers with the map of what was added. It is written as JSON before it is kept: what is too deep for that throws. */
function addAll(
  shelf: Shelf,
  call: Call,
  things: Map<string, Kept>,
  sent: readonly (readonly [string, unknown])[],
): Reply {
  if (things.size + sent.length > MAX_THINGS) {
    return refuse(400, `The sandbox keeps no more than ${MAX_THINGS} ${shelf.noun}s in one place`);
  }
  const added = new Map<string, Kept>();
  for (const [name, value] of sent) {
    if (things.has(name)) return refuse(409, `${capitalise(shelf.noun)} already exists with name ${name}`);
    const thing = isPlainObject(value) ? shelf.complete(value, name, call) : null;
    if (thing === null) return refuseShape(shelf, name);
    added.set(name, thing);
  }
  const answer = answerText(JSON.stringify(Object.fromEntries(added)));
  for (const [name, thing] of added) things.set(name, thing);
  return answer;
}

function refuseShape({ noun }: Shelf, name: string): Refusal {
  return refuse(400, `fields of ${noun} ${name} must be a list of objects with a path`);
}

function refuseNone({ noun }: Shelf): Refusal {
  return refuse(404, `No ${noun}s found`);
}

function readName({ params }: Call): string {
  return params['objectName'] ?? '';
}

function capitalise(noun: string): string {
  return `${noun.charAt(0).toUpperCase()}${noun.slice(1)}`;
}
