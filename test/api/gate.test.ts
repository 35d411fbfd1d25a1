import { describe, expect, it } from 'vitest';
import { openGate } from '../../src/api/gate.ts';

describe('the gate', () => {
  it('gives out its slots in the order of asking', async () => {
    const gate = openGate(2);
    const first = await gate.acquire();
    await gate.acquire();
    const order: string[] = [];
    const third = gate.acquire().then((permit) => (order.push('third'), permit));
    const fourth = gate.acquire().then(() => order.push('fourth'));
    await Promise.resolve();
    expect(order).toEqual([]);
    first.release();
    (await third).release();
    await fourth;
    expect(order).toEqual(['third', 'fourth']);
  });

  it('counts a permit once, however often it is released', async () => {
    const gate = openGate(1);
    const permit = await gate.acquire();
    permit.release();
    permit.release();
    const next = await gate.acquire();
    permit.release();
    let admitted = false;
    const waiting = gate.acquire().then(() => {
      admitted = true;
    });
    await new Promise(setImmediate);
    expect(admitted).toBe(false);
    next.release();
    await waiting;
  });

  it('turns away who waits, and who comes later, once it is stopped', async () => {
    const gate = openGate(1);
    const permit = await gate.acquire();
    const waiting = gate.acquire();
    gate.stop();
    await expect(waiting).rejects.toMatchObject({ name: 'InstateError', code: 'interrupted' });
    permit.release();
    await expect(gate.acquire()).rejects.toMatchObject({ code: 'interrupted' });
    gate.stop();
  });
});
