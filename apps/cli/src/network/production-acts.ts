import { readFile } from 'node:fs/promises';
import type { Client, Contract } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { type Command, Option } from 'commander';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { sayFindings } from '../kernel/findings.ts';
import { wholeNumber } from '../kernel/numbers.ts';
import { download, uploadFile } from '../kernel/remote.ts';
import { shotIdsOf } from './production-names.ts';

type Given = Readonly<Record<string, string | boolean | undefined>>;

/** What an act is called with: the network, its arguments by name, and its options. */
type Call = {
  readonly client: Client<Contract>;
  readonly environment: Environment;
  /** An argument; the command line has seen to it that it is there. */
  readonly of: (argument: string) => string;
  /** The last argument, of which there may be several. */
  readonly rest: readonly string[];
  readonly options: Given;
};

/** One act of the rooms: an answer of the network is said, a file is written where `--to` says. */
type Act = {
  /** The name and its arguments: `set-shots <project> <shots...>`. */
  readonly command: string;
  readonly says: string;
  readonly options?: readonly Option[];
  readonly run: (call: Call) => Promise<object>;
};

/** What a sheet of a cut can be had as. */
const CUT_FORMATS = ['xlsx', 'csv', 'html', 'pdf', 'edl'] as const;

const choice = (flags: string, says: string, values: readonly string[]) =>
  new Option(flags, says).choices(values).default(values[0]);
const option = (flags: string, says: string) => new Option(flags, says);
const to = option('--to <file>', 'write it here 写到').makeOptionMandatory();
const text = (value: Given[string]) => (typeof value === 'string' ? value : undefined);
/** Chosen from what the command allows, so it is what the network takes. */
const chosen = <Value>(value: Given[string]) => value as Value;

const ACTS: readonly Act[] = [
  {
    command: 'agree <project> <file>',
    says: 'agree a deliverable, or change one, as a JSON file says 约定或修改交付物',
    options: [option('--change <deliverable>', 'this one, as it is named there 修改已有的')],
    run: async ({ client, of, options }) => {
      const fields = JSON.parse(await readFile(of('file'), 'utf8')) as object;
      const id = text(options['change']);
      if (id === undefined) {
        const body = { ...fields, projectId: of('project') };
        return client.deliverables.create({ body: body as CreateBody });
      }
      const { version } = await client.deliverables.get({ params: { id } });
      const body = { ...fields, version } as UpdateBody;
      return client.deliverables.update({ params: { id }, body });
    },
  },
  {
    command: 'add-day <project> <number>',
    says: 'add a shoot day 添加拍摄日',
    options: [
      option('--date <date>', 'YYYY-MM-DD 日期'),
      option('--unit <unit>', 'which unit 摄制组').default(''),
      option('--place <place>', 'where 地点').default(''),
    ],
    run: ({ client, of, options }) =>
      client.shoot.addDay({
        body: {
          projectId: of('project'),
          number: wholeNumber(of('number'), '<number>'),
          date: text(options['date']) ?? null,
          unit: text(options['unit']) ?? '',
          place: text(options['place']) ?? '',
        },
      }),
  },
  {
    command: 'day-report <day>',
    says: 'camera or sound report of a shoot day 摄影或录音报告',
    options: [
      choice('--kind <kind>', 'whose 类别', ['camera', 'sound']),
      choice('--as <format>', 'format 格式', ['pdf', 'html', 'csv', 'xlsx']),
      to,
    ],
    run: ({ client, of, options, environment }) =>
      client.shoot.report({
        params: { id: of('day') },
        query: {
          kind: chosen<'camera' | 'sound'>(options['kind']),
          format: chosen<'pdf' | 'html' | 'csv' | 'xlsx'>(options['as']),
          language: environment.terminal().locale,
        },
      }),
  },
  {
    command: 'takes <project>',
    says: 'takes as a sheet or a log for Avid 导出条次',
    options: [
      choice('--as <format>', 'format 格式', ['xlsx', 'csv', 'ale']),
      option('--day <day>', 'of one shoot day 某拍摄日'),
      to,
    ],
    run: ({ client, of, options }) => {
      const dayId = text(options['day']);
      const format = chosen<'xlsx' | 'csv' | 'ale'>(options['as']);
      const query = { projectId: of('project'), format };
      return client.shoot.exportFile({ query: dayId === undefined ? query : { ...query, dayId } });
    },
  },
  {
    command: 'cut-sheet <cut>',
    says: 'changes, counts or pulls of a cut 剪辑变更、计数或提取表',
    options: [
      choice('--kind <kind>', 'which 类别', ['changes', 'counts', 'pulls']),
      choice('--as <format>', 'format; edl: of changes 格式', CUT_FORMATS),
      to,
    ],
    run: ({ client, of, options, environment }) =>
      client.shots.cutSheet({
        params: { id: of('cut') },
        query: {
          kind: chosen<'changes' | 'counts' | 'pulls'>(options['kind']),
          format: chosen<(typeof CUT_FORMATS)[number]>(options['as']),
          language: environment.terminal().locale,
        },
      }),
  },
  {
    command: 'set-shots <project> <shots...>',
    says: 'status of shots, named by code or id 更改镜头状态',
    options: [
      option('--status <status>', 'of the flow of the show 状态'),
      option('--omit', 'they are left out 标记删除').conflicts('restore'),
      option('--restore', 'they are in again 恢复'),
      option('--seen', 'the marks of the last cut are seen 变更已阅'),
    ],
    run: async ({ client, of, rest, options }) => {
      const projectId = of('project');
      const ids = await shotIdsOf(client, projectId, rest);
      const status = text(options['status']);
      const isPlaced = options['omit'] === true || options['restore'] === true;
      return client.shots.change({
        body: {
          projectId,
          ids,
          ...(status === undefined ? {} : { status }),
          ...(isPlaced ? { omitted: options['omit'] === true } : {}),
          ...(options['seen'] === true ? { seen: true as const } : {}),
        },
      });
    },
  },
  {
    command: 'undo <project> <change>',
    says: 'take a change back; `yinglian list projects.history` names them 撤销变更',
    run: ({ client, of }) =>
      client.projects.undo({ params: { id: of('project') }, body: { changeId: of('change') } }),
  },
  {
    command: 'ask-approval <asset> <people...>',
    says: 'ask people for their approval, by id 请人审批',
    options: [option('--due <date>', 'until when, YYYY-MM-DD 期限')],
    run: ({ client, of, rest, options }) =>
      client.review.askApproval({
        params: { id: of('asset') },
        body: { reviewers: [...rest], dueDate: text(options['due']) ?? null },
      }),
  },
  {
    command: 'set-cut <asset> <file>',
    says: 'say which cut an asset shows, by a timeline of any format 附上剪辑文件',
    options: [option('--timeline <name>', 'by name, or number from 1, of several 时间线')],
    run: async ({ client, of, options, environment }) => {
      const params = { id: of('asset') };
      const { fileId } = await uploadFile(client, of('file'), environment.terminal());
      const { version } = await client.review.cut({ params, query: {} });
      const made = await client.review.setCut({ params, body: { fileId, version } });
      const wanted = text(options['timeline']);
      if (wanted === undefined) return made;
      const timeline = timelineNumber(made.timelines, wanted);
      return client.review.setCut({ params, body: { fileId, version: made.version, timeline } });
    },
  },
  {
    command: 'marks <asset>',
    says: 'cuts, slate and duplicates found in an asset 镜头、场记板与重复',
    run: ({ client, of }) => client.media.marks({ params: { id: of('asset') } }),
  },
];
type CreateBody = Parameters<Client<Contract>['deliverables']['create']>[0]['body'];
type UpdateBody = Parameters<Client<Contract>['deliverables']['update']>[0]['body'];

/** `yinglian production agree|add-day|cut-sheet|…`: acts of the rooms, each a line of a table. */
export function registerActs(production: Command, environment: Environment): void {
  for (const act of ACTS) {
    const command = production.command(act.command).description(act.says);
    for (const each of act.options ?? []) command.addOption(each);
    command.action(async () => {
      const given = command.processedArgs as readonly (string | readonly string[])[];
      const names = command.registeredArguments.map((each) => each.name());
      const last = given.at(-1);
      const made = await act.run({
        client: environment.server().client,
        environment,
        of: (argument) => String(given[names.indexOf(argument)]),
        rest: Array.isArray(last) ? (last as readonly string[]) : [],
        options: command.opts<Given>(),
      });
      if (made instanceof Response) {
        return download(environment, made, String(command.opts<Given>()['to']));
      }
      await say(environment, made);
    });
  }
}

/** Which of several, from 0: by its name, else by its number from 1. */
function timelineNumber(names: readonly string[], wanted: string): number {
  const index = names.includes(wanted)
    ? names.indexOf(wanted)
    : wholeNumber(wanted, '--timeline') - 1;
  if (index in names) return index;
  throw new CommandFault(`--timeline ${wanted}: ${names.join(', ')}`, EXIT.misused);
}

/** An answer of the network in lines: what it has of plain values, and its findings in words. */
async function say(environment: Environment, made: object): Promise<void> {
  const terminal = environment.terminal();
  terminal.answer(made);
  const plain = Object.entries(made).filter(([, value]) => isPlain(value));
  terminal.table(
    ['', ''],
    plain.map(([name, value]) => [name, String(value)]),
  );
  const { findings } = made as { readonly findings?: readonly Finding[] };
  if (findings !== undefined) sayFindings(terminal, findings, await environment.texts());
}

function isPlain(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
