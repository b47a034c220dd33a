import { type Fault, patch, type Target } from './faults.ts';

/** Changes the first place that matches. */
export const swap =
  (from: string | RegExp, to: string) =>
  (text: string): string =>
    text.replace(from, to);
export const cpl = (
  name: string,
  code: string,
  from: string | RegExp,
  to: string,
  base?: Fault['base'],
): Fault => ({
  name,
  code,
  ...(base === undefined ? {} : { base }),
  apply: (target) => target.cpl(swap(from, to)),
});
export const pkl = (name: string, code: string, from: string | RegExp, to: string): Fault => ({
  name,
  code,
  apply: (target) => target.pkl(swap(from, to)),
});
export const map = (name: string, code: string, from: string | RegExp, to: string): Fault => ({
  name,
  code,
  apply: (target) => target.map(swap(from, to)),
});
export const mxf = (
  name: string,
  code: string,
  file: string,
  from: string,
  to: string,
  options: { base?: Fault['base']; only?: number } = {},
): Fault => ({
  name,
  code,
  ...(options.base === undefined ? {} : { base: options.base }),
  apply: (target) => target.mxf(file, (bytes) => patch(bytes, from, to, options.only)),
});
export const raw = (
  name: string,
  code: string,
  apply: (target: Target) => void,
  base?: Fault['base'],
): Fault => ({ name, code, apply, ...(base === undefined ? {} : { base }) });

/** Cuts, lengthens or flips bytes of a file and leaves hashes as they were. */
export const flip =
  (begin: string, at: number) =>
  (target: Target): void => {
    const bytes = target.files.get(target.path(begin))!;
    bytes[at < 0 ? bytes.length + at : at]! ^= 0x55;
  };
