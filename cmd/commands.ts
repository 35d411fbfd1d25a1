import type { Command } from './command.ts';

/** A command as `--help` lists it; the command itself is loaded only when it is typed. */
export interface Entry {
  /** As typed: `plan`, `state list`. */
  readonly name: string;
  /** The last word with its positionals, as yargs takes them: `show <address>`. */
  readonly usage: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Every command, in the order of a working day. */
export const entries: readonly Entry[] = [
  {
    name: 'init',
    usage: 'init [dir]',
    summary: 'Write a starter instate.yaml, .env.example and .gitignore lines',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'validate',
    usage: 'validate',
    summary: 'Check the declarations, offline',
    load: async () => (await import('./validate.ts')).validate,
  },
  {
    name: 'plan',
    usage: 'plan',
    summary: 'Show what is missing and what differs; write nothing',
    load: async () => (await import('./plan.ts')).plan,
  },
  {
    name: 'apply',
    usage: 'apply [planfile]',
    summary: 'Create what is missing, and record it',
    load: async () => (await import('./apply.ts')).apply,
  },
  {
    name: 'drift',
    usage: 'drift',
    summary: 'Report what lives against what is declared and recorded',
    load: async () => (await import('./drift.ts')).drift,
  },
  {
    name: 'show',
    usage: 'show <address>',
    summary: 'Show one instance: declared, recorded and live, side by side',
    load: async () => (await import('./show.ts')).show,
  },
  {
    name: 'output',
    usage: 'output [address..]',
    summary: 'Print ids and, with --reveal, tokens for future requests',
    load: async () => (await import('./output.ts')).output,
  },
  {
    name: 'recover',
    usage: 'recover [address]',
    summary: 'Settle what a crash or a lost answer left, and show the rest',
    load: async () => (await import('./recover.ts')).recover,
  },
  {
    name: 'state list',
    usage: 'list',
    summary: 'List what is recorded',
    load: async () => (await import('./state-list.ts')).stateList,
  },
  {
    name: 'state show',
    usage: 'show <address>',
    summary: 'Show one record',
    load: async () => (await import('./state-show.ts')).stateShow,
  },
  {
    name: 'state rm',
    usage: 'rm <address..>',
    summary: 'Forget records; the instances live on',
    load: async () => (await import('./state-rm.ts')).stateRm,
  },
  {
    name: 'state mv',
    usage: 'mv <from> <to>',
    summary: 'Rename a record',
    load: async () => (await import('./state-mv.ts')).stateMv,
  },
  {
    name: 'state accept',
    usage: 'accept <address..>',
    summary: 'Record the declared credentials as those that are in place',
    load: async () => (await import('./state-accept.ts')).stateAccept,
  },
  {
    name: 'state rekey',
    usage: 'rekey',
    summary: 'Move the state to another key',
    load: async () => (await import('./state-rekey.ts')).stateRekey,
  },
  {
    name: 'state doctor',
    usage: 'doctor',
    summary: 'Look the state over, and say what to do',
    load: async () => (await import('./state-doctor.ts')).stateDoctor,
  },
  {
    name: 'state unlock',
    usage: 'unlock',
    summary: 'Say who holds the lock, and why there is nothing to unlock',
    load: async () => (await import('./state-unlock.ts')).stateUnlock,
  },
  {
    name: 'sandbox',
    usage: 'sandbox',
    summary: "Serve a local stand-in for the vendor's API, surprises included",
    load: async () => (await import('./sandbox.ts')).sandbox,
  },
  {
    name: 'schema',
    usage: 'schema',
    summary: 'Print the JSON Schema of the declaration file, or of a JSON answer',
    load: async () => (await import('./schema.ts')).schema,
  },
  {
    name: 'completion',
    usage: 'completion [shell]',
    summary: 'Print the completion script of a shell: bash, zsh or fish',
    load: async () => (await import('./completion.ts')).completion,
  },
];
