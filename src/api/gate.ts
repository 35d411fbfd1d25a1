import { InstateError } from '../errors.ts';
import type { Gate, Permit } from '../ports.ts';

interface Waiter {
  readonly admit: (permit: Permit) => void;
  readonly turnAway: (error: InstateError) => void;
}

/**
 * `slots` permits (at least one), given out in the order of asking. A permit may be released any number of times and
 * counts once. After `stop` whoever waits, and whoever comes later, is turned away with `interrupted`; permits that
 * are out stay valid.
 */
export function openGate(slots: number): Gate {
  const waiting: Waiter[] = [];
  let free = Math.max(1, Math.floor(slots) || 1);
  let stopped = false;

  function issue(): Permit {
    let held = true;
    return {
      release() {
        if (!held) return;
        held = false;
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next.admit(issue());
      },
    };
  }

  return {
    acquire() {
      if (stopped) return Promise.reject(turnedAway());
      if (free > 0) {
        free -= 1;
        return Promise.resolve(issue());
      }
      return new Promise<Permit>((admit, turnAway) => waiting.push({ admit, turnAway }));
    },
    stop() {
      stopped = true;
      for (const waiter of waiting.splice(0)) waiter.turnAway(turnedAway());
    },
  };
}

function turnedAway(): InstateError {
  return new InstateError('interrupted', 'nothing more is sent: the run was stopped');
}
