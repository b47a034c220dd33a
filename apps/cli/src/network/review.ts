import { createPublicKey, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { MARKER_FORMAT_NAMES } from '@yinglian/contract';
import type { Finding } from '@yinglian/core';
import { MARKER_FORMATS, recordBytes, type SignedRecord } from '@yinglian/review';
import type { Command } from 'commander';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { sayFindings } from '../kernel/findings.ts';
import { wholeNumber } from '../kernel/numbers.ts';
import { allRows, download, uploadFile } from '../kernel/remote.ts';

/** `yinglian review …`: remarks, approvals, links and live rooms from the command line. */
export function registerReview(program: Command, environment: Environment): void {
  const review = program.command('review').description('review room 审片');
  registerNotes(review, environment);
  registerApprovals(review, environment);
  registerLinks(review, environment);
  review
    .command('rooms')
    .description('live rooms 联合看片室')
    .action(async () => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) => client.review.rooms({ query: { limit: 500, after } }));
      terminal.answer(rows);
      terminal.table(
        ['id', terminal.words('名称', 'title'), terminal.words('人数', 'people'), ''],
        rows.map((each) => [each.id, each.title, String(each.people), each.closedAt ?? '']),
      );
    });
}

function registerNotes(review: Command, environment: Environment): void {
  review
    .command('notes <asset>')
    .description('remarks on an asset 列出意见')
    .action(async (id: string) => {
      const terminal = environment.terminal();
      const { rows } = await environment.server().client.production.notes({ params: { id } });
      terminal.answer(rows);
      terminal.table(
        [
          terminal.words('帧', 'frame'),
          terminal.words('状态', 'state'),
          terminal.words('作者', 'author'),
          terminal.words('意见', 'remark'),
        ],
        rows.map((each) => [
          each.toFrame === null ? String(each.frame) : `${each.frame}–${each.toFrame}`,
          each.state,
          each.author,
          each.text.replace(/\s+/g, ' '),
        ]),
      );
    });
  review
    .command('note <asset> <text>')
    .description('leave a remark on a frame 在一帧上留言')
    .requiredOption('--frame <n>', 'counted from 0 从 0 数起', numberFor('--frame'))
    .option('--to <n>', 'last frame of a range 范围的最后一帧', numberFor('--to'))
    .option('--internal', 'for our company alone 仅本公司可见')
    .action(async (id: string, text: string, options: NoteCommand) => {
      const terminal = environment.terminal();
      const made = await environment.server().client.production.addNote({
        params: { id },
        body: {
          frame: options.frame,
          toFrame: options.to ?? null,
          text,
          internal: options.internal === true,
        },
      });
      terminal.answer(made);
      terminal.say(made.id);
    });
  review
    .command('export <asset>')
    .description('remarks as markers of an editing system, or as PDF 导出标记或意见单')
    .requiredOption('--format <name>', [...MARKER_FORMAT_NAMES, 'pdf'].join(', '))
    .option('--to <file>', 'where to write 写到')
    .option('--state <state>', 'only these: open, doing, done, declined 只导出此状态')
    .action((id: string, options: ExportCommand) => exportNotes(environment, id, options));
  review
    .command('import <asset> <file>')
    .description('take markers back from an editing system 收回剪辑软件的标记')
    .option('--trial', 'only tell what is new 只看有哪些新的')
    .action((id: string, path: string, options: { trial?: boolean }) =>
      importNotes(environment, id, path, options.trial === true),
    );
}

type NoteCommand = { readonly frame: number; readonly to?: number; readonly internal?: boolean };
type ExportCommand = { readonly format: string; readonly to?: string; readonly state?: string };

/** A whole number for an option, as it is parsed. */
const numberFor = (option: string) => (text: string) => wholeNumber(text, option);

async function exportNotes(
  environment: Environment,
  id: string,
  options: ExportCommand,
): Promise<void> {
  const { client } = environment.server();
  if (options.format === 'pdf') {
    const answer = await client.review.noteSheet({ params: { id } });
    return download(environment, answer, options.to ?? `${id}.pdf`);
  }
  const format = MARKER_FORMAT_NAMES.find((each) => each === options.format);
  if (format === undefined) {
    throw new CommandFault([...MARKER_FORMAT_NAMES, 'pdf'].join(', '), EXIT.misused);
  }
  const state = (['open', 'doing', 'done', 'declined'] as const).find(
    (each) => each === options.state,
  );
  const answer = await client.review.exportNotes({
    params: { id },
    query: { format, ...(state === undefined ? {} : { state }) },
  });
  return download(environment, answer, options.to ?? `${id}.${MARKER_FORMATS[format].extension}`);
}

async function importNotes(
  environment: Environment,
  id: string,
  path: string,
  trial: boolean,
): Promise<void> {
  const terminal = environment.terminal();
  const { client } = environment.server();
  const { fileId } = await uploadFile(client, path, terminal);
  const answer = await client.review.importNotes({ params: { id }, body: { fileId, trial } });
  terminal.answer(answer);
  terminal.table(
    [
      terminal.words('帧', 'frame'),
      terminal.words('作者', 'author'),
      terminal.words('新意见', 'new remark'),
    ],
    answer.rows.map((each) => [String(each.frame), each.author, each.text]),
  );
  terminal.say(
    terminal.words(
      `新增 ${answer.added}，已有 ${answer.known}`,
      `${answer.added} new, ${answer.known} known`,
    ),
  );
  sayFindings(terminal, answer.findings as Finding[], await environment.texts());
}

function registerApprovals(review: Command, environment: Environment): void {
  review
    .command('approvals <asset>')
    .description('who decided what 各人的表态')
    .action(async (id: string) => {
      const terminal = environment.terminal();
      const answer = await environment.server().client.review.approvals({ params: { id } });
      terminal.answer(answer);
      terminal.table(
        ['id', terminal.words('表态', 'decision'), terminal.words('谁', 'who'), ''],
        answer.rows.map((each) => [
          each.id,
          each.decision,
          `${each.reviewer} · ${each.organisation}`,
          each.replaced ? terminal.words('已取代', 'replaced') : '',
        ]),
      );
    });
  review
    .command('approve <asset>')
    .description('decide, with a signed record 表态并签名')
    .requiredOption('--decision <word>', 'approved, changes, rejected')
    .option('--text <words>', 'what to add 说明', '')
    .action(async (id: string, options: { decision: string; text: string }) => {
      const terminal = environment.terminal();
      const decision = (['approved', 'changes', 'rejected'] as const).find(
        (each) => each === options.decision,
      );
      if (decision === undefined) {
        throw new CommandFault('approved, changes, rejected', EXIT.misused);
      }
      const made = await environment.server().client.review.approve({
        params: { id },
        body: { decision, text: options.text },
      });
      terminal.answer(made);
      terminal.say(`${made.id}  ${made.decision}`);
    });
  review
    .command('record <approval>')
    .description('the signed record as a file 下载签名记录')
    .option('--to <file>', 'where to write 写到')
    .action(async (id: string, { to }: { to?: string }) =>
      download(
        environment,
        await environment.server().client.review.approvalRecord({ params: { id } }),
        to ?? `approval-${id}.json`,
      ),
    );
  review
    .command('verify <file>')
    .description('prove a signed record, offline 离线核验签名记录')
    .action((path: string) => verifyRecord(environment, path));
}

async function verifyRecord(environment: Environment, path: string): Promise<void> {
  const terminal = environment.terminal();
  const text = await readFile(path, 'utf8').catch(() => {
    throw new CommandFault(path, EXIT.misused);
  });
  const holds = isProved(text);
  terminal.answer({ file: path, holds });
  terminal.say(
    holds
      ? terminal.words('签名有效', 'the signature holds')
      : terminal.words('签名不符', 'the signature does not hold'),
  );
  if (!holds) environment.exit(EXIT.faulty);
}

/** Whether a file is a record and its signature is that of the key inside it. */
function isProved(text: string): boolean {
  try {
    const { record, signature } = JSON.parse(text) as SignedRecord;
    const key = createPublicKey({
      key: Buffer.from(signature.publicKey, 'base64'),
      format: 'der',
      type: 'spki',
    });
    return (
      record.kind === 'yinglian.approval' &&
      key.asymmetricKeyType === 'ed25519' &&
      verify(null, recordBytes(record), key, Buffer.from(signature.signature, 'base64'))
    );
  } catch {
    return false;
  }
}

type LinkCommand = {
  readonly label: string;
  readonly password?: string;
  readonly hours: number;
  readonly download?: boolean;
  readonly comment: boolean;
  readonly watermark: boolean;
  readonly viewers: number;
};

function registerLinks(review: Command, environment: Environment): void {
  review
    .command('share <asset>')
    .description('a link for people outside; shown once 生成看片链接（只显示一次）')
    .requiredOption('--label <name>', 'for whom 给谁')
    .option('--password <words>', 'at least eight letters 至少 8 个字')
    .option('--hours <n>', 'how long it is open 有效小时数', numberFor('--hours'), 168)
    .option('--viewers <n>', 'how many people 最多几人', numberFor('--viewers'), 20)
    .option('--download', 'may be downloaded 可以下载')
    .option('--no-comment', 'nobody may write 不许留言')
    .option('--no-watermark', 'without the viewer’s mark 不带水印')
    .action(async (assetId: string, options: LinkCommand) => {
      const terminal = environment.terminal();
      const made = await environment.server().client.review.createLink({
        body: {
          assetId,
          label: options.label,
          hours: options.hours,
          viewersMax: options.viewers,
          download: options.download === true,
          comment: options.comment,
          watermark: options.watermark,
          ...(options.password === undefined ? {} : { password: options.password }),
        },
      });
      terminal.answer(made);
      terminal.say(made.address);
    });
  review
    .command('links')
    .description('links and who watched 看片链接')
    .action(async () => {
      const terminal = environment.terminal();
      const { client } = environment.server();
      const rows = await allRows((after) => client.review.links({ query: { limit: 500, after } }));
      terminal.answer(rows);
      terminal.table(
        [
          'id',
          terminal.words('给谁', 'for'),
          terminal.words('素材', 'asset'),
          terminal.words('状态', 'state'),
          terminal.words('人数', 'viewers'),
        ],
        rows.map((each) => [
          each.id,
          each.label,
          each.assetTitle,
          each.state,
          `${each.viewers}/${each.viewersMax}`,
        ]),
      );
    });
  review
    .command('revoke <link>')
    .description('end a link at once 立即停用链接')
    .action(async (id: string) => {
      const terminal = environment.terminal();
      await environment.server().client.review.revokeLink({ params: { id } });
      terminal.answer({ id, state: 'revoked' });
      terminal.say(id);
    });
}
