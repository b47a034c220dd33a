import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { entityOf, rolesOf, thumbprintOf } from '@yinglian/certificates';
import { uuidFromRandom } from '@yinglian/core';
import {
  checkFacility,
  checkSuccession,
  type Device,
  diffFacilities,
  type Facility,
  type FacilityChange,
  readFacilityList,
  writeFacilityList,
} from '@yinglian/facility';
import { nodeCryptography, randomBytes } from '@yinglian/host';
import { taken } from '../distribution/given.ts';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readGiven } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import type { Terminal } from '../kernel/terminal.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';

/** `yinglian facility …`: facility lists on this disk. */
export function registerFacility(program: Command, environment: Environment): void {
  const facility = program.command('facility').description('facility lists 影院设施清单');
  facility
    .command('read <file>')
    .description('screens, devices and certificates of a facility list 读取设施清单')
    .action(async (file: string) => {
      const terminal = environment.terminal();
      const read = readFacilityList(await readGiven(file), nodeCryptography);
      const value = taken(terminal, read);
      terminal.answer({ facility: shown(value), findings: read.findings });
      describe(terminal, value);
      sayFindings(terminal, read.findings, ALL_TEXTS);
      environment.exit(exitFor(read.findings));
    });
  facility
    .command('check <file>')
    .description('read and judge a facility list 检查设施清单')
    .action(async (file: string) => {
      const terminal = environment.terminal();
      const read = readFacilityList(await readGiven(file), nodeCryptography);
      const findings = read.ok
        ? [...read.findings, ...checkFacility(read.value, { at: Date.now() }, nodeCryptography)]
        : [...read.findings];
      terminal.answer({ facility: read.ok ? shown(read.value) : null, findings });
      if (read.ok) {
        const screens = read.value.auditoriums.length;
        terminal.say(
          `${read.value.name}  ${terminal.words(`${screens} 个影厅`, `${screens} auditoriums`)}`,
        );
      }
      sayFindings(terminal, findings, ALL_TEXTS);
      environment.exit(exitFor(findings));
    });
  facility
    .command('convert <file> <out>')
    .description('write any dialect as ST 430-16, or as JSON 转换设施清单')
    .option('--time-zone <name>', 'of the facility, where the list does not tell')
    .action((file: string, out: string, options: { timeZone?: string }) =>
      convert(environment, file, out, options),
    );
  facility
    .command('diff <before> <after>')
    .description('what changed between two lists 比较两份清单')
    .action(async (before: string, after: string) => {
      const terminal = environment.terminal();
      const [a, b] = await Promise.all(
        [before, after].map(async (each) =>
          readFacilityList(await readGiven(each), nodeCryptography),
        ),
      );
      if (!a!.ok || !b!.ok) {
        const findings = [...a!.findings, ...b!.findings];
        terminal.answer({ findings });
        sayFindings(terminal, findings, ALL_TEXTS);
        environment.exit(exitFor(findings));
        return;
      }
      const changes = diffFacilities(a!.value, b!.value);
      const findings = checkSuccession(a!.value, b!.value);
      terminal.answer({ changes: shown(changes), findings });
      for (const each of changes) terminal.say(described(terminal, each));
      if (changes.length === 0) terminal.say(terminal.words('没有变化', 'no change'));
      sayFindings(terminal, findings, ALL_TEXTS);
      environment.exit(exitFor(findings));
    });
}

/** One change in a line, as somebody who makes keys would tell it. */
function described(terminal: Terminal, change: FacilityChange): string {
  const { words } = terminal;
  const named = (device: Device | undefined) =>
    device === undefined
      ? '–'
      : [device.type, device.manufacturer, device.model, device.serial]
          .filter((each) => each !== undefined)
          .join(' ');
  if (change.kind === 'changed_fact') {
    const { fact, from = '–', to = '–' } = change;
    return `${fact}: ${from} → ${to}`;
  }
  const hall = change.auditorium ?? words('全影院', 'the whole facility');
  switch (change.kind) {
    case 'added_auditorium':
      return words(`新增影厅 ${hall}`, `auditorium ${hall} is new`);
    case 'changed_auditorium': {
      const { fact, from = '–', to = '–' } = change;
      return words(`影厅 ${hall} ${fact}：${from} → ${to}`, `${hall}: ${fact}: ${from} → ${to}`);
    }
    case 'removed_auditorium':
      return words(`影厅 ${hall} 已撤销`, `auditorium ${hall} is gone`);
    case 'replaced_security_manager': {
      const devices = `${named(change.from)} → ${named(change.to)}`;
      return words(
        `影厅 ${hall} 更换媒体模块：${devices}，须重做密钥`,
        `auditorium ${hall} has another security manager: ${devices}; keys must be made again`,
      );
    }
    case 'added_device':
      return words(
        `${hall} 新增 ${named(change.device)}`,
        `${hall}: ${named(change.device)} is new`,
      );
    case 'removed_device':
      return words(
        `${hall} 移除 ${named(change.device)}`,
        `${hall}: ${named(change.device)} is gone`,
      );
    case 'changed_device':
      return words(
        `${hall} 变更 ${named(change.device)}`,
        `${hall}: ${named(change.device)} changed`,
      );
  }
}

/** A list, or what changed in it, without the bytes of certificates: what they say and whose. */
function shown(facility: Facility | readonly FacilityChange[]): unknown {
  return JSON.parse(
    JSON.stringify(facility, (key, value: unknown) =>
      key === 'chains'
        ? (value as Facility['devices'][number]['chains']).map((chain) =>
            chain.map((each) => ({
              subject: each.subject.text,
              entity: entityOf(each),
              roles: rolesOf(each),
              thumbprint: thumbprintOf(each, nodeCryptography),
            })),
          )
        : value,
    ),
  ) as unknown;
}

function describe(terminal: Terminal, facility: Facility): void {
  const { name, id, timeZone, circuit, dialect } = facility;
  terminal.say(`${name}  ${id}  ${timeZone ?? '?'}  ${circuit ?? ''}  ${dialect}`);
  const rows = facility.auditoriums.flatMap((auditorium) =>
    [...auditorium.suites.flatMap((suite) => suite.devices), ...auditorium.otherDevices].map(
      (device) => [
        auditorium.name,
        device.type,
        device.manufacturer ?? '',
        device.model ?? '',
        device.serial ?? '',
        device.active ? '✓' : '–',
        String(device.chains.length),
      ],
    ),
  );
  terminal.table(
    [
      terminal.words('影厅', 'screen'),
      terminal.words('类型', 'type'),
      terminal.words('厂商', 'maker'),
      terminal.words('型号', 'model'),
      terminal.words('序列号', 'serial'),
      terminal.words('在用', 'active'),
      terminal.words('证书', 'certificates'),
    ],
    rows,
  );
}

async function convert(
  environment: Environment,
  file: string,
  out: string,
  options: { timeZone?: string },
) {
  const terminal = environment.terminal();
  const read = readFacilityList(await readGiven(file), nodeCryptography);
  const value = taken(terminal, read);
  if (/\.json$/i.test(out)) await writeFile(out, `${JSON.stringify(shown(value), null, 2)}\n`);
  else if (/\.xml$/i.test(out)) {
    const timeZone = options.timeZone ?? value.timeZone;
    // FLM-x has neither: a message that is written now is issued now.
    const whole: Facility = {
      ...value,
      messageId: value.messageId ?? uuidFromRandom(randomBytes(16)),
      issueDate: value.issueDate ?? Math.floor(Date.now() / 1000) * 1000,
      ...(timeZone === undefined ? {} : { timeZone }),
    };
    await writeFile(out, taken(terminal, writeFacilityList(whole)));
  } else throw new CommandFault(`${out}: .xml .json`, EXIT.misused);
  terminal.answer({ out: resolve(out), findings: read.findings });
  terminal.say(resolve(out));
  sayFindings(terminal, read.findings, ALL_TEXTS);
}
