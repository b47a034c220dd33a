import type { AccessRules } from './access/access.ts';
import type { Duplicates } from './http/faults.ts';
import type { MountedGroup } from './http/routes.ts';
import type { AnyJob } from './jobs/definition.ts';
import type { ChangeListener } from './write.ts';

/** Runs every so often while the server does; a fault is written down, and it runs again. */
export type Routine = {
  readonly name: string;
  readonly everyMs: number;
  readonly run: () => Promise<void>;
};

/** How a hall plugs in: what it answers, what it works on, and who may reach its records. */
export type HallModule = {
  readonly name: string;
  readonly routes: readonly MountedGroup[];
  readonly jobs?: readonly AnyJob[];
  /** One rule per kind of record, by the kind's name: `exhibition.cinema`. */
  readonly access?: AccessRules;
  /** What to say when two people made the same thing at once: a unique index → a finding. */
  readonly duplicates?: Duplicates;
  /** Keeps what the hall derives from other halls' records true, inside their transactions. */
  readonly onChange?: ChangeListener;
  /** Looks after something again and again; several servers may do it at the same time. */
  readonly routines?: readonly Routine[];
  /** What this machine can do, shown at `GET /api/network`. */
  readonly capabilities?: Readonly<Record<string, boolean>>;
};
