import type { Fault } from './faults.ts';

/** A scripted fault that has not run out, and how many requests it met already. */
export interface PendingFault {
  readonly fault: Fault;
  readonly met: number;
}

/** The faults that are scripted, each with how many matching requests it has seen. */
export interface FaultSchedule {
  /** Appends faults; each counts from here on. */
  readonly addFaults: (faults: readonly Fault[]) => void;
  readonly clearFaults: () => void;
  /** Counts a request and gives the faults that meet it, in the order in which they were scripted. */
  readonly takeFaults: (operation: string) => readonly Fault[];
  /** The faults that have not run out, in the order in which they were scripted. */
  readonly listPending: () => readonly PendingFault[];
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
    listPending: () => armed.map(({ fault, seen }) => ({ fault, met: Math.max(0, seen - fault.nth + 1) })),
  };
}
