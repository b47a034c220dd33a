import { contract } from '@yinglian/contract';
import { toJson } from '@yinglian/settlement';
import type { RequireAccess } from '../kernel/access/access.ts';
import { downloadBytes, mountGroup, type MountedGroup } from '../kernel/http/routes.ts';
import { XLSX_TYPE } from '../kernel/sheets.ts';
import { type Language, tellDerivation } from './derivation.ts';
import { statementPage, statementWorkbook } from './document.ts';
import type { SettlementService } from './service.ts';
import { templates } from './templates.ts';

const STATED: Readonly<Record<Language, string>> = { 'zh-CN': '分账片款', en: 'Amount due' };

export function settlementRoutes(
  service: SettlementService,
  requireAccess: RequireAccess,
): MountedGroup {
  return mountGroup('settlement', contract.settlement, {
    termsList: ({ query }, context) => service.termsList(context, query),
    terms: ({ params }, context) => service.terms(context, params.id),
    createTerms: ({ body }, context) => service.createTerms(context, body),
    updateTerms: ({ params, body }, context) => service.updateTerms(context, params.id, body),
    checkTerms: ({ body }, context) => service.checkTerms(context, body.terms, body.language),
    async templates(_, context) {
      await requireAccess(context, 'settlement.read');
      return { rows: templates().map((each) => ({ ...each })) };
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
      const partyName = (id: string) => {
        const party = terms.parties.find((each) => each.id === id);
        if (party === undefined) return id;
        return query.language === 'zh-CN' ? party.name.zh : party.name.en;
      };
      const { language } = query;
      return tellDerivation(derivation, STATED[language], line.shareFen, language, partyName);
    },
    check: ({ params, body }, context) => service.check(context, params.id, body.version),
    accept: ({ params, body }, context) => service.accept(context, params.id, body.version),
    whatIf: ({ params, body }, context) => service.whatIf(context, params.id, body.terms),
    issue: ({ params, body }, context) => service.issue(context, params.id, body.version),
    async spreadsheet({ params }, context) {
      const { statement, lines } = await service.whole(context, params.id);
      const bytes = await statementWorkbook(statement, lines);
      return downloadBytes(`${statement.number}.xlsx`, XLSX_TYPE, bytes);
    },
    async print({ params, query }, context) {
      const { statement, lines } = await service.whole(context, params.id);
      const bytes = statementPage(statement, lines, query.language);
      return {
        ...downloadBytes(`${statement.number}.html`, 'text/html; charset=utf-8', bytes),
        inline: true,
      };
    },
    async proof({ params }, context) {
      const { number, bundle } = await service.proof(context, params.id);
      const bytes = new TextEncoder().encode(`${JSON.stringify(toJson(bundle), null, 1)}\n`);
      return downloadBytes(`${number}.proof.json`, 'application/json', bytes);
    },
  });
}
