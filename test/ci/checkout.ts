import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export type Checkout = ReturnType<typeof makeCheckout>;

/** A git repository with a branch `main`, as a runner checks one out. */
export function makeCheckout(folder: string) {
  mkdirSync(folder, { recursive: true });
  const git = (...words: readonly string[]): string =>
    execFileSync('git', words, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        GIT_CONFIG_NOSYSTEM: '1',
        ...{ GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com' },
        ...{ GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.com' },
      },
    }).trim();
  git('init', '--quiet', '--initial-branch=main');
  const head = (): string => git('rev-parse', 'HEAD');
  return {
    folder,
    head,
    /** Commits files on the branch that is checked out. */
    commit: (files: Readonly<Record<string, string>>): string => {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), content);
      }
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', 'change');
      return head();
    },
    /** A new branch from main. */
    branch: (name: string): void => void git('checkout', '--quiet', '-b', name, 'main'),
    go: (name: string): void => void git('checkout', '--quiet', name),
    /** Merges a branch into main and checks main out. */
    merge: (name: string): string => {
      git('checkout', '--quiet', 'main');
      git('merge', '--quiet', '--no-ff', '--no-edit', name);
      return head();
    },
  };
}
