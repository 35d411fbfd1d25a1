import * as v from 'valibot';
import type { ConfigCode } from './problems.ts';
import { commandPattern } from './template.ts';

/**
 * The shape of a declaration file. `shape.ts` walks it, and `schema/instate.schema.json` is generated from it. The
 * messages complete "`key` must be …". Everything is optional here, since several files make up a whole; what the whole
 * needs is checked where it is put together.
 */

export const addressPattern = /^[a-z0-9][a-z0-9._-]{0,62}$/;
export const projectPattern = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Codes of patterns that have one of their own; any other is a `bad_value`. */
export const patternCodes: ReadonlyMap<unknown, ConfigCode> = new Map([
  [addressPattern, 'bad_address'],
  [projectPattern, 'bad_project'],
  [commandPattern, 'bad_command'],
]);

const addressWords = 'an address: up to 63 of a-z 0-9 . _ -, beginning with a letter or digit';
const projectWords = 'up to 32 of a-z 0-9 -, beginning with a letter or digit';

/** For editors: a text with a `${var:}` in it may become anything. */
export const variableText = v.pipe(v.string(), v.regex(/\$\{var:[^}]*\}/));

const text = v.string('text');
const filledText = v.pipe(text, v.nonEmpty('text that is not empty'));
const elementKey = v.pipe(text, v.regex(/^\S+$/, 'an element key, such as `insightly`'));
const flag = v.boolean('true or false');
const positiveId = v.pipe(
  v.number('a whole number from 1 on'),
  v.integer('a whole number from 1 on'),
  v.minValue(1, 'a whole number from 1 on'),
  v.maxValue(Number.MAX_SAFE_INTEGER, 'a whole number below 2^53'),
);

/** A value, or a text with `${var:}` that becomes one. */
function orVariable<const T extends v.GenericSchema>(schema: T) {
  return v.union([schema, variableText]);
}

function describe<const T extends v.GenericSchema>(schema: T, description: string) {
  return v.optional(v.pipe(schema, v.description(description)));
}

const secretReference = v.pipe(
  text,
  v.metadata({ pattern: '\\$\\{(env|file|exec):[^}]+\\}', examples: ['${env:CE_USER_SECRET}'] }),
);

const configurationValue = v.union(
  [v.string(), v.number(), v.boolean(), v.null(), v.record(v.string(), v.unknown())],
  'text, a number, true or false, null, or a mapping (for keys that hold JSON)',
);

const configuration = v.record(
  v.pipe(v.string(), v.nonEmpty()),
  configurationValue,
  'a mapping of keys to values',
);

const tags = v.array(filledText, 'a list of texts');

const commandWords = v.pipe(
  v.array(filledText, 'a list: a program and its arguments'),
  v.nonEmpty('a list: a program and its arguments'),
);

const secretCommand = v.union(
  [
    commandWords,
    v.strictObject(
      {
        command: v.pipe(commandWords, v.description('The program and its arguments; no shell reads them.')),
        timeout: describe(
          orVariable(
            v.pipe(
              v.number('a number of seconds'),
              v.minValue(0.1, 'at least 0.1 (seconds)'),
              v.maxValue(600, 'at most 600 (seconds)'),
            ),
          ),
          'Seconds that it may take. Default: 30.',
        ),
        env: describe(
          v.array(
            v.pipe(text, v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable')),
            'a list of names of variables',
          ),
          'Variables that it gets besides PATH, HOME and the like.',
        ),
      },
      'a list: a program and its arguments',
    ),
  ],
  'a list: a program and its arguments',
);

const account = v.strictObject(
  {
    baseUrl: describe(
      v.pipe(text, v.metadata({ pattern: '^(https?://|.*\\$\\{var:)' })),
      'Where the API answers, with /elements/api-v2. Default: https://api.cloud-elements.com/elements/api-v2 (US production).',
    ),
    userSecret: describe(secretReference, 'A reference to the user secret. Default: ${env:CE_USER_SECRET}.'),
    organizationSecret: describe(
      secretReference,
      'A reference to the organization secret. Default: ${env:CE_ORGANIZATION_SECRET}.',
    ),
    user: describe(
      orVariable(positiveId),
      "The account's user id as its instances show it; an instance of another user is then an error.",
    ),
  },
  'a mapping',
);

const defaults = v.strictObject(
  {
    tags: describe(tags, 'Tags of every instance, before its own.'),
    configuration: describe(
      configuration,
      'Configuration of every instance, merged by top-level key; the instance wins.',
    ),
  },
  'a mapping',
);

const instance = v.strictObject(
  {
    element: v.pipe(elementKey, v.description('The element key, such as insightly.')),
    name: describe(filledText, 'The display name in the account. Default: the address.'),
    tags: describe(
      tags,
      'Tags, after those of the defaults. Without any, tags are not compared; [] is compared as empty.',
    ),
    configuration: describe(
      configuration,
      'What the element needs. Secrets are references: "${env:NAME}" or "${file:PATH}".',
    ),
    externalAuthentication: describe(
      orVariable(v.literal('initial', '`initial`')),
      'initial: start from the OAuth refresh token given in configuration.',
    ),
    id: describe(orVariable(positiveId), 'Pins an instance that exists already, by its id.'),
    protect: describe(orVariable(flag), 'Never replaced or deleted.'),
    ignore: describe(
      v.array(filledText, 'a list of texts'),
      'Fields never compared: name, tags, configuration, configuration.<key>.',
    ),
  },
  'a mapping with at least `element`',
);

const address = v.pipe(v.string(), v.regex(addressPattern, addressWords));

export const declarationSchema = v.pipe(
  v.strictObject(
    {
      version: describe(orVariable(v.literal(1, '1')), 'The version of the file format: 1.'),
      project: describe(
        orVariable(v.pipe(text, v.regex(projectPattern, projectWords))),
        'Names the ownership tag instate:<project>:<address>; one state is one project on one account.',
      ),
      account: describe(account, 'The account that the instances live in.'),
      state: describe(
        filledText,
        'Where the state is kept: a path relative to this file, or postgres://… Default: .instate/state.db.',
      ),
      ownership: describe(
        orVariable(v.picklist(['tag', 'none'], '`tag` or `none`')),
        'tag: every created instance carries an ownership tag. none: it does not, and an uncertain create needs a person.',
      ),
      defaults: describe(defaults, 'What every instance shares.'),
      instances: describe(
        v.record(address, instance, 'a mapping of addresses to instances'),
        'The instances, by address.',
      ),
      secretCommands: describe(
        v.record(
          v.pipe(
            v.string(),
            v.regex(commandPattern, 'the name of a command: letters, digits, . _ - (at most 63)'),
          ),
          secretCommand,
          'a mapping of names to commands',
        ),
        'Programs whose output is a secret, for ${exec:NAME}. They run with --allow-exec only, never for plan and validate.',
      ),
      moved: describe(
        v.record(
          address,
          orVariable(v.pipe(text, v.regex(addressPattern, addressWords))),
          'a mapping of old addresses to new ones',
        ),
        'Renames of addresses, old: new. Never makes a new instance.',
      ),
    },
    'a mapping with `version`, `project` and `instances`',
  ),
  v.title('instate declarations'),
  v.description(
    'The connector instances of a Cloud Elements or SAP Open Connectors account, as instate keeps them.',
  ),
);
