import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { contract } from '@yinglian/contract';
import type { Environment } from '../kernel/environment.ts';
import { followJob } from '../kernel/remote.ts';

/** `yinglian exhibition …`: single records of the register; many come with `import`. */
export function registerPlaces(exhibition: Command, environment: Environment): void {
  exhibition
    .command('circuit <name>')
    .description('register a circuit 登记院线')
    .option('--code <text>', 'its code 编码')
    .option('--organisation <id>', 'who acts for it on the network 组织')
    .action(async (name: string, options: { code?: string; organisation?: string }) => {
      const { client } = environment.server();
      const body = {
        name,
        code: options.code ?? null,
        organisationId: options.organisation ?? null,
      };
      say(environment, await client.exhibition.createCircuit({ body }));
    });
  exhibition
    .command('cinema <file>')
    .description('register a cinema from JSON, or change fields of one 登记或修改影院')
    .option('--change <id>', 'change this one: what the file does not name stays 修改')
    .action(async (file: string, options: { change?: string }) => {
      const { client } = environment.server();
      const given = await jsonIn(file);
      const { createCinema, updateCinema } = contract.exhibition;
      if (options.change === undefined) {
        const body = createCinema.body.parse(given);
        return say(environment, await client.exhibition.createCinema({ body }));
      }
      const params = { id: options.change };
      const before = await client.exhibition.cinema({ params });
      const body = updateCinema.body.parse({ ...before, ...given });
      say(environment, await client.exhibition.updateCinema({ params, body }));
    });
  exhibition
    .command('screen <file>')
    .description('register a screen from JSON, or change one 登记或修改影厅')
    .option('--change <id>', 'change this one; the file names its version 修改')
    .action(async (file: string, options: { change?: string }) => {
      const { client } = environment.server();
      const given = await jsonIn(file);
      const { createScreen, updateScreen } = contract.exhibition;
      if (options.change === undefined) {
        const body = createScreen.body.parse(given);
        return say(environment, await client.exhibition.createScreen({ body }));
      }
      const params = { id: options.change };
      const body = updateScreen.body.parse(given);
      say(environment, await client.exhibition.updateScreen({ params, body }));
    });
  exhibition
    .command('device <screen> <certificate>')
    .description('install a device by its certificate (PEM); the former ends 登记设备证书')
    .addOption(
      new Option('--kind <word>', 'what it is 设备')
        .choices(['media_block', 'projector', 'server', 'other'])
        .default('media_block'),
    )
    .option('--serial <text>', 'serial number 序列号')
    .option('--since <instant>', 'since when it stands there 起用时间')
    .action(async (id: string, file: string, options: DeviceFlags) => {
      const { client } = environment.server();
      const body = contract.exhibition.installDevice.body.parse({
        kind: options.kind,
        serial: options.serial ?? null,
        certificatePem: await readFile(file, 'utf8'),
        ...(options.since === undefined ? {} : { since: options.since }),
      });
      say(environment, await client.exhibition.installDevice({ params: { id }, body }));
    });
  registerWords(exhibition, environment);
}

type DeviceFlags = {
  readonly kind: 'media_block' | 'projector' | 'server' | 'other';
  readonly serial?: string;
  readonly since?: string;
};

/** Facts with their days, sources, and the rules over evidence. */
function registerWords(exhibition: Command, environment: Environment): void {
  exhibition
    .command('state <file>')
    .description('facts that hold from a day on, from JSON 登记自某日起的资料')
    .action(async (file: string) => {
      const { client } = environment.server();
      const body = contract.facilities.stateFacts.body.parse(await jsonIn(file));
      const { rows } = await client.facilities.stateFacts({ body });
      environment.terminal().answer({ rows });
      environment.terminal().say(String(rows.length));
    });
  exhibition
    .command('source <id> <file>')
    .description('change a source: precedence, polling, address; from JSON 修改来源')
    .action(async (id: string, file: string) => {
      const { client } = environment.server();
      const body = contract.facilities.updateSource.body.parse(await jsonIn(file));
      say(environment, await client.facilities.updateSource({ params: { id }, body }));
    });
  exhibition
    .command('look')
    .description('look at all certificates now and raise alarms 立即检查证书')
    .action(async () => {
      const { client } = environment.server();
      const { jobId } = await client.facilities.lookNow({ body: {} });
      environment.terminal().answer(await followJob(client, jobId, environment.terminal()));
    });
  exhibition
    .command('set-rules <file>')
    .description('thresholds and gravity of the join, from JSON as `rules` prints 调整核查规则')
    .requiredOption('--reason <text>', 'why 理由')
    .action(async (file: string, { reason }: { reason: string }) => {
      const { client } = environment.server();
      const given = await jsonIn(file);
      const body = contract.cases.setRules.body.parse({ ...given, reason });
      const set = await client.cases.setRules({ body });
      environment.terminal().answer(set);
      environment.terminal().say(`${set.edition} · ${set.version}`);
    });
}

const jsonIn = async (file: string) =>
  JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;

function say(environment: Environment, made: { readonly id: string; readonly name: string }): void {
  environment.terminal().answer(made);
  environment.terminal().say(`${made.id}  ${made.name}`);
}
