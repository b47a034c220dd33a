import type { FindingTexts } from '@yinglian/core';
import type { Client, Contract } from '@yinglian/contract';
import type { Terminal } from './terminal.ts';

/** What every command is given. */
export type Environment = {
  terminal(): Terminal;
  /** The server to talk to; asked for only by commands that need one. */
  server(): { readonly client: Client<Contract>; readonly baseUrl: string; readonly key?: string };
  /** What codes say to people: ours, and those of the server once it was asked. */
  texts(): Promise<FindingTexts>;
  /** Tells the code the process ends with. */
  exit(code: number): void;
};
