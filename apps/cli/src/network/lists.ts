import { type Command, Option } from 'commander';
import { type Contract, contract, createClient, type EndpointShape } from '@yinglian/contract';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { download } from '../kernel/remote.ts';

/** What a list of the contract is called here: `bookings`, or `keys.links` within its group. */
type NamedList = { readonly name: string; readonly shape: EndpointShape };

/** `yinglian list …`: any list of the network on the screen, or as a sheet to take away. */
export function registerLists(program: Command, environment: Environment): void {
  program
    .command('list [name]')
    .description('any list of the network, whole; without a name, which there are 任意清单')
    .option('--of <id>', 'of this record, where the list is of one 所属记录')
    .option('--where <name=value...>', 'what the list can be narrowed by 筛选', [])
    .addOption(new Option('--as <format>').choices(['xlsx', 'csv']).default('csv'))
    .option('--to <file>', 'write it here; by default it is printed as CSV 写到')
    .action(async (name: string | undefined, options: ListFlags) => {
      if (name === undefined) return sayLists(environment);
      const list = lists().find((each) => each.name === name);
      if (list === undefined) throw new CommandFault(`${name}?  yinglian list`, EXIT.misused);
      await take(environment, list.shape, options);
    });
}

type ListFlags = {
  readonly of?: string;
  readonly where: readonly string[];
  readonly as: 'xlsx' | 'csv';
  readonly to?: string;
};

/** Everything of the contract that answers with rows; a group's own list goes by its name. */
function lists(): NamedList[] {
  const groups = contract as unknown as Readonly<Record<string, Record<string, EndpointShape>>>;
  return Object.entries(groups).flatMap(([group, endpoints]) =>
    Object.entries(endpoints)
      .filter(([, shape]) => shape.method === 'GET' && hasRows(shape))
      .map(([name, shape]) => ({ name: name === 'list' ? group : `${group}.${name}`, shape })),
  );
}

function hasRows({ result }: EndpointShape): boolean {
  const fields = (result as unknown as { shape?: Record<string, unknown> } | undefined)?.shape;
  return fields !== undefined && 'rows' in fields;
}

function sayLists(environment: Environment): void {
  const terminal = environment.terminal();
  const all = lists().map(({ name, shape }) => ({
    name,
    of: shape.path.includes(':'),
    does: terminal.words(shape.summary.zh, shape.summary.en),
  }));
  terminal.answer(all);
  terminal.table(
    [terminal.words('清单', 'list'), '', ''],
    all.map((each) => [each.name, each.of ? '--of' : '', each.does]),
  );
}

async function take(
  environment: Environment,
  shape: EndpointShape,
  options: ListFlags,
): Promise<void> {
  const terminal = environment.terminal();
  const query: Record<string, string> = { sheet: options.as };
  for (const each of options.where) {
    const cut = each.indexOf('=');
    if (cut < 1) throw new CommandFault(`--where ${each}`, EXIT.misused);
    query[each.slice(0, cut)] = each.slice(cut + 1);
  }
  const parameter = /:([A-Za-z]+)/.exec(shape.path)?.[1];
  if (parameter !== undefined && options.of === undefined) {
    throw new CommandFault('--of <id>', EXIT.misused);
  }
  const params = parameter === undefined ? {} : { [parameter]: options.of };
  const response = await sheetClient(environment, shape).list.all({ params, query });
  if (options.to !== undefined) return download(environment, response, options.to);
  if (options.as === 'xlsx') throw new CommandFault('--as xlsx --to <file>', EXIT.misused);
  const text = (await response.text()).replace(/^\ufeff/, '').trimEnd();
  terminal.answer({ csv: text });
  terminal.say(text);
}

type SheetClient = {
  readonly list: { readonly all: (call: object) => Promise<Response> };
};

/** The same endpoint, asked for as bytes: a list comes as a sheet where `sheet` says so. */
function sheetClient(environment: Environment, shape: EndpointShape): SheetClient {
  const { baseUrl, key } = environment.server();
  const asBytes = { list: { all: { ...shape, bytesOut: '*/*' } } };
  return createClient(asBytes as unknown as Contract, {
    baseUrl,
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
  }) as unknown as SheetClient;
}
