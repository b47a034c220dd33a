import { type Logger, pino } from 'pino';
import type { LogLevel } from './settings.ts';

/** One line of the log: an event by its code, with facts. Never a body, a header or a key. */
export type Log = {
  readonly info: (event: string, facts?: Record<string, unknown>) => void;
  readonly warn: (event: string, facts?: Record<string, unknown>) => void;
  readonly error: (event: string, facts?: Record<string, unknown>) => void;
};

/** Second fence: even if somebody logs a whole object, these never leave. */
const SECRET_NAMES = [
  'password',
  'secret',
  'token',
  'key',
  'cookie',
  'authorization',
  'privateKey',
  'contentKey',
];

export function openLog(level: LogLevel, destination?: { write(line: string): void }): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '…',
    },
  };
  const logger: Logger = destination === undefined ? pino(options) : pino(options, destination);
  return {
    info: (event, facts) => logger.info(facts ?? {}, event),
    warn: (event, facts) => logger.warn(facts ?? {}, event),
    error: (event, facts) => logger.error(facts ?? {}, event),
  };
}
