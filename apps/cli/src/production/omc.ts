import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type Finding, type Outcome, parseEidr, parseIsan } from '@yinglian/core';
import { cutsOfOmc, type OmcGraph, omcOfCut, readOmc, writeOmc } from '@yinglian/omc';
import { rateOf, writeTimeline } from '@yinglian/timeline';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readTextGiven } from '../kernel/files.ts';
import { exitFor, inFile, sayFindings } from '../kernel/findings.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';
import { expectFree, formatFor, oneOf, rateGiven, readOne } from './cuts.ts';

const FORMS = ['list', 'kinds'] as const;

/** `yinglian omc …`: graphs of the Ontology for Media Creation on this disk. */
export function registerOmc(program: Command, environment: Environment): void {
  const group = program.command('omc').description('media creation graphs, OMC-JSON 制作本体');
  registerInfo(group, environment);
  registerFrom(group, environment);
  registerTo(group, environment);
}

function registerInfo(group: Command, environment: Environment): void {
  group
    .command('check <file>')
    .alias('info')
    .description('what a graph holds, and what is odd in it 检查')
    .action(async (file: string) => {
      const terminal = environment.terminal();
      const { graph, findings } = await readGraph(file);
      const kinds = new Map<string, number>();
      for (const { entityType } of graph.entities) {
        kinds.set(entityType, (kinds.get(entityType) ?? 0) + 1);
      }
      terminal.answer({ entities: Object.fromEntries(kinds), findings });
      terminal.table(
        [terminal.words('类别', 'kind'), terminal.words('个数', 'entities')],
        [...kinds].map(([kind, count]) => [kind, String(count)]),
      );
      sayFindings(terminal, findings, ALL_TEXTS);
      environment.exit(exitFor(findings));
    });
}

type FromGiven = {
  scope: string;
  title?: string;
  eidr?: string;
  isan?: string;
  form: string;
  rate?: string;
  force?: boolean;
};

function registerFrom(group: Command, environment: Environment): void {
  group
    .command('from <cut> <target>')
    .description('the graph of a cut: work, media, slates, shots 由剪辑表生成')
    .requiredOption('--scope <name>', 'who gives the identifiers, like studio.example 标识范围')
    .option('--title <title>', 'of the work; the name of the cut unless given 片名')
    .option('--eidr <number>', 'of the work')
    .option('--isan <number>', 'of the work')
    .option('--form <form>', FORMS.join(', '), 'list')
    .option('--rate <rate>', 'frames per second, where a list does not say 帧率')
    .option('--force', 'write over a file that is there 覆盖已有文件')
    .action(async (file: string, target: string, given: FromGiven) => {
      const terminal = environment.terminal();
      expectFree(target, given.force);
      const eidr = given.eidr === undefined ? undefined : number(parseEidr(given.eidr));
      const isan = given.isan === undefined ? undefined : number(parseIsan(given.isan));
      const { cut, findings } = await readOne(file, given);
      const made = omcOfCut(cut, {
        scope: given.scope,
        ...(given.title === undefined ? {} : { title: given.title }),
        ...(eidr === undefined ? {} : { eidr }),
        ...(isan === undefined ? {} : { isan }),
      });
      await writeFile(target, writeOmc(made.graph, oneOf(given.form, FORMS, '--form')));
      const all = [...findings, ...made.findings];
      terminal.answer({ target, entities: made.graph.entities.length, findings: all });
      const words = terminal.words('个实体', 'entities');
      terminal.say(`${target}  ${made.graph.entities.length} ${words}`);
      sayFindings(terminal, all, ALL_TEXTS);
      environment.exit(exitFor(all));
    });
}

type ToGiven = { cut?: string; to?: string; rate?: string; force?: boolean };

function registerTo(group: Command, environment: Environment): void {
  group
    .command('to <graph> <target>')
    .description('a cut of a graph, in any format of timelines 生成剪辑表')
    .option('--cut <name>', 'which, where the graph has several 剪辑名称')
    .option('--to <format>', 'by the ending unless given 目标格式')
    .option('--rate <rate>', 'frames per second, where the graph does not say 帧率')
    .option('--force', 'write over a file that is there 覆盖已有文件')
    .action(async (file: string, target: string, given: ToGiven) => {
      const terminal = environment.terminal();
      const format = formatFor(target, given.to);
      expectFree(target, given.force);
      const { graph, findings } = await readGraph(file);
      const rate = given.rate === undefined ? {} : { rate: rateGiven(given.rate) };
      const cuts = cutsOfOmc(graph, rate);
      if (!cuts.ok) throw new CommandFault('', EXIT.faulty, inFile(file, cuts.findings));
      const cut = cuts.value.find((each) => given.cut === undefined || each.name === given.cut);
      if (cut === undefined) {
        const names = cuts.value.map(({ name }) => name).join(', ');
        throw new CommandFault(`--cut ${given.cut}: ${names}`, EXIT.misused);
      }
      const written = writeTimeline(cut, format, rateOf(cut) === undefined ? rate : {});
      if (written.ok) await writeFile(target, written.value);
      const all = [...findings, ...inFile(file, cuts.findings), ...written.findings];
      terminal.answer({ target: written.ok ? target : null, cut: cut.name, findings: all });
      if (written.ok) terminal.say(`${target}  ${cut.name}`);
      sayFindings(terminal, all, ALL_TEXTS);
      environment.exit(exitFor(all));
    });
}

async function readGraph(file: string): Promise<{ graph: OmcGraph; findings: Finding[] }> {
  const text = await readTextGiven(file);
  if (!text.ok) throw new CommandFault('', EXIT.faulty, text.findings);
  const read = readOmc(text.value);
  if (!read.ok) throw new CommandFault('', EXIT.faulty, inFile(file, read.findings));
  return { graph: read.value, findings: inFile(file, read.findings) };
}

/** A number that was typed: what is wrong with it ends the command. */
function number<T>(read: Outcome<T>): T {
  if (!read.ok) throw new CommandFault('', EXIT.misused, read.findings);
  return read.value;
}
