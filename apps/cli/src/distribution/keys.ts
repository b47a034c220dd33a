import type { Command } from 'commander';
import {
  checkCertificate,
  checkChain,
  entityOf,
  orderChain,
  readCertificates,
  rolesOf,
  thumbprintOf,
} from '@yinglian/certificates';
import { formatInstant } from '@yinglian/core';
import { nodeCryptography, readPrivateKey } from '@yinglian/host';
import { checkKdm, type KdmTime } from '@yinglian/kdm';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readGiven } from '../kernel/files.ts';
import { exitFor, sayFindings } from '../kernel/findings.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';

/** `yinglian kdm …` and `yinglian cert …`, without a server. Keys themselves are never printed. */
export function registerKeys(program: Command, environment: Environment): void {
  const kdm = program.command('kdm').description('key delivery messages 密钥');
  kdm
    .command('check <file>')
    .description('judge a key message; with the device key also its inside 检查密钥')
    .option('--device <pem>', 'certificate of the device that should play')
    .option('--private-key <file>', 'its private key: opens the blocks')
    .option('--verbose', 'also list the checks that held')
    .action(async (file: string, options: KdmCommand) => {
      const terminal = environment.terminal();
      const recipient =
        options.device === undefined ? undefined : await firstCertificate(options.device);
      const privateKey =
        options.privateKey === undefined
          ? undefined
          : readPrivateKey(await readGiven(options.privateKey));
      const outcome = checkKdm(
        await readGiven(file),
        {
          at: Date.now(),
          ...(recipient === undefined ? {} : { recipient }),
          ...(privateKey === undefined ? {} : { privateKey }),
        },
        nodeCryptography,
      );
      if (outcome.ok) {
        const { kdm: read, formulation, keys } = outcome.value;
        terminal.answer({
          cplId: read.cplId,
          contentTitle: read.contentTitle,
          formulation,
          keyIds: read.keyIds,
          openedKeys: keys.length,
          findings: outcome.findings,
        });
        terminal.say(`${read.contentTitle ?? '?'}  ${read.cplId ?? ''}`);
        terminal.say(`${shownTime(read.notBefore)} → ${shownTime(read.notAfter)}`);
        if (privateKey !== undefined) {
          terminal.say(
            terminal.words(`打开了 ${keys.length} 把密钥`, `opened ${keys.length} keys`),
          );
        }
      } else terminal.answer({ findings: outcome.findings });
      sayFindings(terminal, outcome.findings, ALL_TEXTS, options);
      environment.exit(exitFor(outcome.findings));
    });

  const cert = program.command('cert').description('digital cinema certificates 数字证书');
  cert
    .command('check <file>')
    .description('judge a certificate or a chain (PEM, DER, PKCS#7) 检查证书')
    .option('--strict', 'by ST 430-2, as for certificates made now')
    .action(async (file: string, options: { strict?: boolean }) => {
      const terminal = environment.terminal();
      const profile = options.strict === true ? ('strict' as const) : ('field' as const);
      const read = readCertificates(await readGiven(file));
      if (!read.ok) {
        terminal.answer({ findings: read.findings });
        sayFindings(terminal, read.findings, ALL_TEXTS);
        environment.exit(EXIT.faulty);
        return;
      }
      const chain = orderChain(read.value, nodeCryptography);
      const findings = chain.ok
        ? checkChain(chain.value, { profile, at: Date.now() }, nodeCryptography)
        : read.value.flatMap((each) =>
            checkCertificate(each, { profile, position: 'leaf', at: Date.now() }, nodeCryptography),
          );
      const shown = (chain.ok ? chain.value : read.value).map((each) => ({
        subject: each.subject.text,
        entity: entityOf(each),
        roles: rolesOf(each),
        thumbprint: thumbprintOf(each, nodeCryptography),
        notBefore: formatInstant(each.notBefore),
        notAfter: formatInstant(each.notAfter),
      }));
      terminal.answer({ certificates: shown, findings });
      for (const each of shown) {
        terminal.say(each.subject);
        terminal.say(
          `  ${each.roles.join(' ')}  ${each.thumbprint}  ${each.notBefore} → ${each.notAfter}`,
        );
      }
      sayFindings(terminal, [...chain.findings, ...findings], ALL_TEXTS);
      environment.exit(exitFor([...chain.findings, ...findings]));
    });
}

type KdmCommand = {
  readonly device?: string;
  readonly privateKey?: string;
  readonly verbose?: boolean;
};

const shownTime = (time: KdmTime | undefined) =>
  time === undefined ? '?' : formatInstant(time.instant, time.offsetMinutes);

async function firstCertificate(path: string) {
  const read = readCertificates(await readGiven(path));
  const first = read.ok ? read.value[0] : undefined;
  if (first === undefined)
    throw new CommandFault(`${path}: ${read.findings[0]?.code ?? ''}`, EXIT.misused);
  return first;
}
