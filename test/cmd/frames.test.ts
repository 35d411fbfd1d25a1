import { describe, expect, it } from 'vitest';
import { sealEnvironment } from '../../cmd/environment.ts';
import { listOwnFrames } from '../../cmd/frames.ts';
import { readOptions } from '../../cmd/options.ts';

/** A foreign error of this text, as if it came up where ours reads its options. */
function failInside(message: string): Error {
  try {
    readOptions({ parallelism: 'many' }, {});
  } catch (error) {
    const { stack = '', message: own } = error as Error;
    return Object.assign(new Error(message), { stack: stack.replace(own, message) });
  }
  throw new Error('a bad number was taken');
}

describe('E1: frames of an error that nobody meant', () => {
  it('are ours alone, and hold no word of its text, even if that looks like frames', () => {
    const error = failInside('hunter2\n    at hunter2 (/hunter2.ts:1:2)\n    at f (file:///hunter2:1:2)');
    const frames = listOwnFrames(error);
    expect(frames.length).toBeGreaterThan(0);
    expect(frames.join('\n')).not.toContain('hunter2');
    for (const line of frames) expect(line).toMatch(/^\s+at .*\/cmd\/[\w-]+\.ts:\d+:\d+\)?$/);
  });

  it('are none where a stack is not one, or cannot be read', () => {
    const unreadable = new Error('x');
    Object.defineProperty(unreadable, 'stack', {
      get: () => {
        throw new Error('hunter2');
      },
    });
    const renamed = Object.assign(new Error('x'), { stack: '    at hunter2 (x:1:2)' });
    for (const thrown of [unreadable, renamed, 'hunter2', { stack: '    at hunter2' }, null])
      expect(listOwnFrames(thrown)).toEqual([]);
  });
});

describe('E6: the environment', () => {
  it('keeps nothing that may be a secret, nor anything of ours: a URL there may hold a password', () => {
    const environment: Record<string, string | undefined> = {
      PATH: '/bin',
      INSTATE_STATE: 'postgres://u:hunter2@db/x',
      INSTATE_BASE_URL: 'https://u:hunter2@host/',
      INSTATE_STATE_KEY: 'hunter2',
      MY_NOTES: 'hunter2',
    };
    const { plain, sealed } = sealEnvironment(environment);
    expect(environment).toEqual({ PATH: '/bin' });
    expect(plain['INSTATE_STATE']).toContain('hunter2');
    expect([...sealed.keys()]).toEqual(['INSTATE_STATE_KEY', 'MY_NOTES']);
  });
});
