import { contract } from '@yinglian/contract';
import { clauseTitle, termsJsonSchema, toJson } from '@yinglian/settlement';
import type { RequireAccess } from '../kernel/access/access.ts';
import { downloadBytes, mountGroup, type MountedGroup } from '../kernel/http/routes.ts';
import { XLSX_TYPE } from '../kernel/sheets.ts';
import { tellDerivation } from './derivation.ts';
import { statementPage, statementPdf, statementWorkbook } from './document.ts';
import type { createFigures } from './figures.ts';
import type { createInputs } from './inputs.ts';
import { nameOfTaker } from './parties.ts';
import type { SettlementService } from './service.ts';
import { templates } from './templates.ts';

const STATED = { zh: '应付金额', en: 'Amount due' } as const;

export type SettlementParts = {
  readonly service: SettlementService;
  readonly inputs: ReturnType<typeof createInputs>;
  readonly figures: ReturnType<typeof createFigures>;
  readonly requireAccess: RequireAccess;
};

export function settlementRoutes(parts: SettlementParts): MountedGroup {
  const { service, inputs, figures, requireAccess } = parts;
  return mountGroup('settlement', contract.settlement, {
    inputs: ({ query }, context) => inputs.inputs(context, query),
    recordInputs: ({ body }, context) => inputs.recordInputs(context, body),
    importInputs: ({ body }, context) => inputs.importInputs(context, body),
    withdrawInput: ({ params }, context) => inputs.withdrawInput(context, params.id),
    roots: ({ query }, context) => figures.roots(context, query),
    balances: ({ query }, context) => figures.balances(context, query.filmId),
    curve: ({ query }, context) => figures.curve(context, query.filmId),
    parties: ({ params }, context) => service.parties(context, params.id),
    linkParties: ({ params, body }, context) =>
      service.linkParties(context, params.id, body.parties),
    invoice: ({ params, body }, context) => service.invoice(context, params.id, body),
    termsList: ({ query }, context) => service.termsList(context, query),
    terms: ({ params }, context) => service.terms(context, params.id),
    createTerms: ({ body }, context) => service.createTerms(context, body),
    updateTerms: ({ params, body }, context) => service.updateTerms(context, params.id, body),
    checkTerms: ({ body }, context) => service.checkTerms(context, body.terms, body.language),
    async templates(_, context) {
      await requireAccess(context, 'settlement.read');
      return { rows: templates().map((each) => ({ ...each })) };
    },
    async termsSchema(_, context) {
      await requireAccess(context, 'settlement.read');
      return { schema: termsJsonSchema() };
    },
    runs: ({ query }, context) => service.runs(context, query),
    run: ({ params }, context) => service.run(context, params.id),
    settle: ({ body }, context) => service.settle(context, body),
    statements: ({ query }, context) => service.statements(context, query),
    statement: ({ params }, context) => service.statement(context, params.id),
    lines: ({ params, query }, context) => service.lines(context, params.id, query),
    async explain({ params, query }, context) {
      const { line, derivation, terms } = await service.explained(
        context,
        params.id,
        params.lineId,
      );
      const { language } = query;
      const said = (words: { readonly zh: string; readonly en: string }) =>
        language === 'zh-CN' ? words.zh : words.en;
      const partyName = (id: string) => {
        const name = nameOfTaker(terms, id);
        return name === null ? id : said(name);
      };
      const clauseName = (id: string) => said(clauseTitle(terms, id));
      const names = { partyName, clauseName };
      return tellDerivation(derivation, said(STATED), line.shareFen, language, names);
    },
    check: ({ params, body }, context) => service.check(context, params.id, body.version),
    accept: ({ params, body }, context) => service.accept(context, params.id, body.version),
    whatIf: ({ params, body }, context) => service.whatIf(context, params.id, body),
    issue: ({ params, body }, context) => service.issue(context, params.id, body.version),
    async spreadsheet({ params, query }, context) {
      const { statement, lines } = await service.whole(context, params.id);
      const bytes = await statementWorkbook(statement, lines, query.language);
      return downloadBytes(`${statement.number}.xlsx`, XLSX_TYPE, bytes);
    },
    async print({ params, query }, context) {
      const { statement, lines } = await service.whole(context, params.id);
      const bytes = statementPage(statement, lines, query.language);
      return {
        ...downloadBytes(`${statement.number}.html`, 'text/html; charset=utf-8', bytes),
        inline: 'page' as const,
      };
    },
    async pdf({ params, query }, context) {
      const { statement, lines } = await service.whole(context, params.id);
      const bytes = statementPdf(statement, lines, query.language);
      return downloadBytes(`${statement.number}.pdf`, 'application/pdf', bytes);
    },
    async proof({ params }, context) {
      const { number, bundle } = await service.proof(context, params.id);
      const bytes = new TextEncoder().encode(`${JSON.stringify(toJson(bundle), null, 1)}\n`);
      return downloadBytes(`${number}.proof.json`, 'application/json', bytes);
    },
  });
}
