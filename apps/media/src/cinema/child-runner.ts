import { type ChildProcess, spawn } from 'node:child_process';

/** Longer than any picture takes on a laden machine. */
const TIMEOUT_MS = 300_000;
/** What is kept of a program's complaint. */
const COMPLAINT_MAX = 2000;

/** Runs one program, child after child. */
export type ChildRunner = {
  /** What it wrote to its standard output; throws with its complaint where it failed. */
  run(args: readonly string[], input?: Uint8Array): Promise<Uint8Array>;
  /** Kills the child that runs and waits until it is gone. */
  close(): Promise<void>;
};

export function childRunner(program: string): ChildRunner {
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  const start = (args: readonly string[], input: Uint8Array | undefined) =>
    new Promise<Uint8Array>((done, fail) => {
      if (isClosed) return fail(new Error('closed'));
      const own = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: TIMEOUT_MS });
      child = own;
      const pieces: Buffer[] = [];
      let complaint = '';
      own.stdout.on('data', (piece: Buffer) => pieces.push(piece));
      own.stderr.on('data', (piece: Buffer) => {
        complaint = `${complaint}${piece.toString('utf8')}`.slice(0, COMPLAINT_MAX);
      });
      own.on('error', fail);
      own.on('close', (code, signal) => {
        child = undefined;
        const printed = Buffer.concat(pieces);
        if (code === 0) return done(new Uint8Array(printed));
        const reason = reasonIn(complaint) ?? reasonIn(printed.toString('utf8'));
        const end = String(signal ?? code);
        fail(new Error(`${program}: ${reason === undefined ? end : `${reason} (${end})`}`));
      });
      // A child that ended before it took all is told by its code.
      own.stdin.on('error', () => {});
      own.stdin.end(input);
    });
  return {
    run(args, input) {
      const run = start(args, input);
      ended = run.catch(() => {});
      return run;
    },
    async close() {
      isClosed = true;
      child?.kill('SIGKILL');
      await ended;
    },
  };
}

/** What went wrong first: later lines tell what came of it, and codes. */
function reasonIn(text: string): string | undefined {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.find((line) => !PASSING.test(line)) ?? lines.at(-1);
}

/** Lines that are no faults. */
const PASSING = /^\[?(?:info|warning)\b|^\S+: (?:info|warning)\b/i;
