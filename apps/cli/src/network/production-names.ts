import type { Client, Contract } from '@yinglian/contract';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { allRows } from '../kernel/remote.ts';

const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** The id of a shot that is named by its code, or by its id. */
export async function shotIdOf(
  client: Client<Contract>,
  projectId: string,
  named: string,
): Promise<string> {
  if (ID.test(named)) return named;
  const rows = await allRows((after) =>
    client.shots.list({ query: { projectId, limit: 500, after, search: named } }),
  );
  const shot = rows.find((each) => each.code.toLowerCase() === named.toLowerCase());
  if (shot === undefined) throw new CommandFault(`no shot 没有镜头: ${named}`, EXIT.misused);
  return shot.id;
}

/** {@link shotIdOf} of several, in their order. */
export async function shotIdsOf(
  client: Client<Contract>,
  projectId: string,
  named: readonly string[],
): Promise<string[]> {
  const ids: string[] = [];
  for (const each of named) ids.push(await shotIdOf(client, projectId, each));
  return ids;
}

/** The id of an organisation that is named by its name or a part that only it has, or by its id. */
export async function organisationIdOf(client: Client<Contract>, named: string): Promise<string> {
  if (ID.test(named)) return named;
  const { rows } = await client.organisations.list({ query: { limit: 50, search: named } });
  const exact = rows.filter((each) => each.name === named);
  const [found, another] = exact.length > 0 ? exact : rows;
  if (found !== undefined && another === undefined) return found.id;
  const names = rows.map((each) => each.name).join(', ');
  throw new CommandFault(`no one organisation 没有唯一的单位: ${named} (${names})`, EXIT.misused);
}
