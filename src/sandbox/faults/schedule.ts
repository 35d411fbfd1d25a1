import type { Fault } from './faults.ts';

/** The faults that are scripted, each with how many matching requests it has seen. */
export interface FaultSchedule {
  /** Appends faults; each counts from here on. */
  readonly addFaults: (faults: readonly Fault[]) => void;
  readonly clearFaults: () => void;
  /** Counts a request and gives the faults that meet it, in the order in which they were scripted. */
  readonly takeFaults: (operation: string) => readonly Fault[];
  /** How many faults have not run out. */
  readonly countFaults: () => number;
}

/** Makes an empty schedule. */
export function createFaultSchedule(): FaultSchedule {
  let armed: { readonly fault: Fault; seen: number }[] = [];
  return {
    addFaults: (faults) => {
      armed.push(...faults.map((fault) => ({ fault, seen: 0 })));
    },
    clearFaults: () => {
      armed = [];
    },
    takeFaults: (operation) => {
      if (armed.length === 0) return [];
      const matching = armed.filter(({ fault }) => fault.on === operation);
      for (const entry of matching) entry.seen += 1;
      armed = armed.filter(({ fault, seen }) => seen < fault.nth + fault.times - 1);
      return matching.filter(({ fault, seen }) => seen >= fault.nth).map(({ fault }) => fault);
    },
    countFaults: () => armed.length,
  };
}
