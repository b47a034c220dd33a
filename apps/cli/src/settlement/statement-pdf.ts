import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import {
  type PaperLine,
  type PaperStatement,
  paperBlocks,
  statementPaper,
} from '@yinglian/boxoffice';
import { documentPdf } from '@yinglian/dcp';
import { nodeCryptography, verifyEd25519 } from '@yinglian/host';
import {
  clauseTitle,
  parseTerms,
  type PartyStatement,
  type Statement,
  type Terms,
  verifyBundle,
} from '@yinglian/settlement';
import type { Environment } from '../kernel/environment.ts';
import { CommandFault, EXIT } from '../kernel/exit-codes.ts';
import { readJson } from '../kernel/files.ts';
import { sayFindings } from '../kernel/findings.ts';
import { ALL_TEXTS } from '../kernel/texts.ts';

/** `yinglian statement pdf`: a proved statement on paper, without a server. */
export function registerStatementPdf(statement: Command, environment: Environment): void {
  statement
    .command('pdf <file>')
    .description('a proof as PDF, once it is recomputed 由证明文件打印结算单')
    .requiredOption('--to <file>', 'where to write it 写到')
    .action(async (file: string, { to }: { to: string }) => {
      const terminal = environment.terminal();
      const data = await readJson(file);
      const outcome = verifyBundle(data, nodeCryptography, { verifyEd25519 });
      sayFindings(terminal, outcome.findings, ALL_TEXTS);
      // Paper of figures that do not add up would look as good as any.
      if (!outcome.ok) {
        throw new CommandFault(
          terminal.words(`${file}：未通过复核，未写 PDF`, `${file}: not proved; no PDF is written`),
          EXIT.faulty,
        );
      }
      const terms = parseTerms((data as { terms: unknown }).terms);
      if (!terms.ok) throw new Error('terms of a proved statement cannot be read');
      const { head, lines } = paperOf(outcome.value.statement, terms.value);
      const paper = statementPaper(head, lines, terminal.locale);
      const bytes = documentPdf(`${paper.title} ${paper.number}`, paperBlocks(paper), {
        across: true,
        foot: (page, pages) => `${paper.number} · ${page} / ${pages}`,
      });
      await writeFile(to, bytes);
      terminal.answer({ file: to, bytes: bytes.length });
      terminal.say(to);
    });
}

type Paper = { readonly head: PaperStatement; readonly lines: readonly PaperLine[] };

/** A proof's statement as it stands on paper: names come from its terms. */
function paperOf(statement: Statement | PartyStatement, terms: Terms): Paper {
  const named = (
    terms.parties as readonly { id: string; name: PaperStatement['partyName'] }[]
  ).find(({ id }) => id === statement.party);
  const head = {
    number: statement.id,
    party: statement.party,
    partyName: named?.name ?? null,
    counterparty: statement.circuit ?? null,
    ...statement.period,
    issuedAt: null,
  };
  if ('totals' in statement) {
    const lines = statement.lines.map((line, index) => theatricalLine(line, index + 1, terms));
    const { shareFen: totalFen } = statement.totals;
    return { head: { ...head, termsKind: 'theatrical', totalFen, account: null }, lines };
  }
  const { account, totalFen, kind } = statement;
  const withheldFen = String(BigInt(account.withheldToDateFen) - BigInt(account.withheldPriorFen));
  return {
    head: {
      ...head,
      termsKind: kind,
      totalFen,
      account: kind === 'waterfall' ? { ...account, withheldFen } : null,
    },
    lines: statement.lines.map((line, index) => ({
      ...NOTHING,
      number: index + 1,
      cinemaCode: line.cinemaCode ?? null,
      from: line.from,
      to: line.to,
      screenings: Number(line.screenings ?? '0'),
      admissions: Number(line.admissions ?? '0'),
      grossFen: line.grossFen ?? '0',
      shareFen: line.fen,
      title: clauseTitle(terms, line.clause),
      toDateFen: line.toDateFen,
      priorFen: line.priorFen,
    })),
  };
}

const NOTHING = {
  cinemaName: null,
  filmName: '',
  filmCode: null,
  equipment: null,
  fundFen: '0',
  vatMethod: '0',
  taxFen: '0',
  netFen: '0',
  share: '0',
} as const;

function theatricalLine(line: Statement['lines'][number], number: number, terms: Terms): PaperLine {
  return {
    ...NOTHING,
    number,
    cinemaName: line.cinemaName ?? null,
    cinemaCode: line.cinemaCode,
    filmName: terms.kind === 'theatrical' ? terms.film.title.zh : '',
    filmCode: line.filmCode,
    equipment: line.equipment ?? null,
    from: line.from,
    to: line.to,
    screenings: Number(line.screenings),
    admissions: Number(line.admissions),
    grossFen: line.grossFen,
    fundFen: line.fundFen,
    vatMethod: line.vatRate,
    taxFen: line.taxFen,
    netFen: line.netFen,
    share: line.shareRate,
    shareFen: line.shareFen,
    title: null,
    toDateFen: line.toDate.shareFen,
    priorFen: line.prior?.shareFen ?? '0',
  };
}
