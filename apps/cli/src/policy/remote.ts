import { formatYuan } from '@yinglian/core';
import { POLICY_STATES } from '@yinglian/contract';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { download } from '../kernel/remote.ts';

export type ExportFlags = { readonly format: string; readonly to: string };

const FORMATS = ['csv', 'xlsx', 'json'] as const;

/** Claims that our organisation makes or decides. */
export async function claims(
  environment: Environment,
  options: { readonly state?: string; readonly direction?: string; readonly after?: string },
): Promise<void> {
  const terminal = environment.terminal();
  const state = POLICY_STATES.find((each) => each === options.state);
  if (options.state !== undefined && state === undefined) {
    throw new CommandFault(POLICY_STATES.join(' '), EXIT.misused);
  }
  const { direction, after } = options;
  const query = {
    ...(state === undefined ? {} : { state }),
    ...(direction === undefined ? {} : { direction }),
    ...(after === undefined ? {} : { after }),
  };
  const { rows, next } = await environment.server().client.policy.claims({ query });
  terminal.answer({ rows, next });
  terminal.table(
    [
      'id',
      terminal.words('对象', 'for what'),
      terminal.words('单位', 'applicant'),
      terminal.words('条目', 'item'),
      terminal.words('状态', 'state'),
      terminal.words('拟支持', 'proposed'),
    ],
    rows.map((each) => [
      each.id,
      each.object,
      each.applicant,
      each.item,
      each.state,
      each.grantFen === null ? '–' : formatYuan(BigInt(each.grantFen), { grouped: true }),
    ]),
  );
  if (next !== null) terminal.say(`--after ${next}`);
}

/** The claims of a call as the portals that exist take them. */
export async function exportClaims(
  environment: Environment,
  id: string,
  { format: wanted, to }: ExportFlags,
): Promise<void> {
  const format = FORMATS.find((each) => each === wanted);
  if (format === undefined) throw new CommandFault(FORMATS.join(' '), EXIT.misused);
  const { client } = environment.server();
  const file = await client.policy.exportClaims({ params: { id }, query: { format } });
  await download(environment, file, to);
}
