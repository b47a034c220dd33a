import type { Execution, Plan } from './plan.ts';
import type { Probe } from './probe.ts';

/** What the parent asks of the worker: one at a time, answered in order. */
export type Request =
  | {
      readonly type: 'probe';
      readonly url: string;
      readonly format?: string;
      readonly options: Readonly<Record<string, string>>;
      readonly sizeBytes: number;
      readonly count: boolean;
    }
  | { readonly type: 'execute'; readonly plan: Plan }
  | { readonly type: 'list' };

export type Listing = {
  readonly version: string;
  readonly configuration: string;
  readonly encoders: readonly string[];
  readonly decoders: readonly string[];
  readonly filters: readonly string[];
};

export type Reply =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly pictures: number; readonly seconds: number }
  | { readonly type: 'probe'; readonly value: Probe }
  | { readonly type: 'execution'; readonly value: Execution }
  | { readonly type: 'listing'; readonly value: Listing }
  | {
      readonly type: 'fault';
      readonly code: string;
      readonly facts: Readonly<Record<string, string | number>>;
    };
