import type { Command } from 'commander';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { allRows } from '../kernel/remote.ts';

/** `yinglian sites …`: the boxes of cinemas, and what is on its way to them. */
export function registerSites(program: Command, environment: Environment): void {
  const sites = program.command('sites').description('site agents and deliveries 影院接收端');
  sites
    .command('list')
    .description('boxes, when they spoke last, what they hold 全部接收端')
    .option('--cinema <id>', 'of one cinema 影院')
    .action(async ({ cinema }: { cinema?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const of = cinema === undefined ? {} : { cinemaId: cinema };
      const rows = await allRows((after) =>
        client.sites.list({ query: { ...of, after, limit: 500 } }),
      );
      terminal.answer({ rows });
      terminal.table(
        ['id', terminal.words('影院', 'cinema'), terminal.words('最近在线', 'last seen'), '✓', '…'],
        rows.map((each) => [
          each.id,
          `${each.cinemaName} ${each.name}`,
          each.lastSeenAt ?? '—',
          String(each.packages.verified),
          String(each.packages.arriving),
        ]),
      );
    });
  sites
    .command('recalls')
    .description('where withdrawn packages still lie; ends with 1 while one does 撤回后仍在何处')
    .option('--package <id>', 'of one package 发行包')
    .action(async (options: { package?: string }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const of = options.package === undefined ? {} : { packageId: options.package };
      const recalls = await client.sites.recalls({ query: { ...of, limit: 50_000 } });
      terminal.answer(recalls);
      terminal.table(
        [terminal.words('影院', 'cinema'), terminal.words('发行包', 'package'), '', ''],
        recalls.rows.map((each) => [
          `${each.cinemaName} ${each.siteName}`,
          each.title,
          each.state,
          each.lastSeenAt ?? '—',
        ]),
      );
      environment.exit(recalls.held > 0 ? EXIT.faulty : EXIT.done);
    });
  sites
    .command('register <cinema>')
    .description('a box for a cinema; its credential is shown once 登记接收端')
    .option('--name <text>', 'what to call it 名称', 'box')
    .option('--for-circuit', 'it holds what any cinema of its circuit booked 院线缓存')
    .action(async (cinemaId: string, options: { name: string; forCircuit?: boolean }) => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const forCircuit = options.forCircuit === true;
      const made = await client.sites.create({
        body: { cinemaId, name: options.name, forCircuit },
      });
      terminal.answer(made);
      terminal.say(made.token);
    });
  sites
    .command('revoke <site>')
    .description('its credential opens nothing from now on 停用接收端')
    .action(async (id: string) => {
      await environment.server().client.sites.revoke({ params: { id } });
      environment.terminal().answer({ id });
    });
  registerDeliveries(sites, environment);
}

function registerDeliveries(sites: Command, environment: Environment): void {
  sites
    .command('deliveries')
    .description('what is on its way, and where it is 传输进度')
    .option('--release <id>', 'of one release 发行计划')
    .option('--cinema <id>', 'to one cinema 影院')
    .option('--package <id>', 'of one package 发行包')
    .action(async (options: { release?: string; cinema?: string; package?: string }) => {
      const terminal = environment.terminal();
      const query = {
        releaseId: options.release,
        cinemaId: options.cinema,
        packageId: options.package,
        limit: 50_000,
      };
      const answer = await environment.server().client.sites.deliveries({ query });
      terminal.answer(answer);
      terminal.say(`${answer.complete}/${answer.total}`);
      const share = (held: number, size: number) => (size === 0 ? 0 : (held / size) * 100);
      terminal.table(
        [terminal.words('影院', 'cinema'), terminal.words('发行包', 'package'), '', '%'],
        answer.rows.map((each) => [
          each.cinemaName,
          each.title,
          each.paused ? `${each.state} ‖` : each.state,
          share(each.heldBytes, each.sizeBytes).toFixed(0),
        ]),
      );
    });
  sites
    .command('steer <package>')
    .description('hold a package back for some cinemas, or put it first 暂停或优先')
    .requiredOption('--cinema <id...>', 'these cinemas 影院')
    .option('--pause', 'hold it back 暂停')
    .option('--resume', 'go on 继续')
    .option('--first', 'before everything else 优先')
    .option('--in-order', 'in its turn 按次序')
    .option('--arrival', 'as the cinema that receives it 由影院决定')
    .action((packageId: string, options: SteerFlags) => steer(environment, packageId, options));
}

type SteerFlags = {
  readonly cinema: string[];
  readonly pause?: boolean;
  readonly resume?: boolean;
  readonly first?: boolean;
  readonly inOrder?: boolean;
  readonly arrival?: boolean;
};

async function steer(
  environment: Environment,
  packageId: string,
  options: SteerFlags,
): Promise<void> {
  const terminal = environment.terminal();
  const { sites } = environment.server().client;
  const { pause, resume, first, inOrder } = options;
  if ((pause ?? resume ?? first ?? inOrder) === undefined || (pause && resume)) {
    throw new CommandFault('--pause | --resume | --first | --in-order', EXIT.misused);
  }
  const body = {
    packageId,
    cinemaIds: options.cinema,
    ...(pause === undefined && resume === undefined ? {} : { paused: pause === true }),
    ...(first === undefined && inOrder === undefined ? {} : { first: first === true }),
  };
  const done =
    options.arrival === true ? await sites.steerArrival({ body }) : await sites.steer({ body });
  terminal.answer(done);
  terminal.say(String(done.changed));
}
