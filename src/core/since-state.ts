import type {
  Declaration,
  DeclaredAccount,
  Declarations,
  RecordedInstance,
  RecordedState,
  Source,
} from './model.ts';

const nowhere: Source = { file: '', line: 1, column: 1 };

/**
 * What is recorded, as if it were declared: for a look at drift where no files are at hand. Credentials are left out (a state holds
 * none), and so is whatever only the files say: pins, `ignore`, defaults.
 */
export function declareRecorded(
  recorded: RecordedState,
  account: Pick<DeclaredAccount, 'baseUrl' | 'userSecret' | 'organizationSecret'>,
): Declarations {
  return {
    project: recorded.project ?? '',
    // A state does not say whether tags were wanted; a record without one was never asked to bear it.
    ownership: 'tag',
    account: { ...account, user: recorded.account?.user ?? null },
    state: null,
    instances: recorded.instances.map(declareRow),
    ...{ moved: [], commands: [], files: [] },
  };
}

function declareRow(row: RecordedInstance): Declaration {
  const { address, element, name, tags } = row;
  const configuration = Object.entries(row.configuration).map(
    ([key, value]) => [key, { kind: 'plain', value } as const] as const,
  );
  return {
    ...{ address, element, name, tags },
    configuration: Object.fromEntries(configuration),
    ...{ externalAuthentication: null, id: null, protect: false, ignore: [], source: nowhere },
  };
}

/** Whether declarations were made of what is recorded. */
export function isSinceState({ files }: Pick<Declarations, 'files'>): boolean {
  return files.length === 0;
}
