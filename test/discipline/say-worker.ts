import { format } from 'node:util';
import { vi } from 'vitest';
import { noteSaid } from './planted.ts';

// Tests of the command line catch what it prints: it is written down all the same.
const spyOn = vi.spyOn.bind(vi) as (target: object, name: string, ...rest: unknown[]) => Spy;
type Spy = { mockImplementation: (act: (...args: unknown[]) => unknown) => Spy };

(vi as { spyOn: unknown }).spyOn = (target: object, name: string, ...rest: unknown[]): Spy => {
  const spy = spyOn(target, name, ...rest);
  if (name !== 'write' || (target !== process.stdout && target !== process.stderr)) return spy;
  const mock = spy.mockImplementation.bind(spy);
  spy.mockImplementation = (act) =>
    mock((...args: unknown[]) => {
      noteSaid(typeof args[0] === 'string' ? args[0] : (args[0] as Uint8Array));
      return act(...args);
    });
  return spy;
};

for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
  const say = console[name].bind(console);
  console[name] = (...args: unknown[]) => {
    noteSaid(`${format(...args)}\n`);
    say(...args);
  };
}
