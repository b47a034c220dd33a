import { contract } from '@yinglian/contract';
import { formatYuan } from '@yinglian/core';
import type { RequireAccess } from '../kernel/access/access.ts';
import { mountGroup, type MountedGroup } from '../kernel/http/routes.ts';
import { downloadSheet } from '../kernel/sheets.ts';
import type { CalendarService } from './calendar.ts';
import type { CaseService } from './cases/service.ts';
import { FINDING_TEXTS } from '@yinglian/facility';
import type { CorrectionService } from './evidence/corrections.ts';
import type { LogService } from './evidence/logs.ts';
import type { ProgrammeService } from './evidence/programme.ts';
import { importOnce, keep, type SiteEvidenceService, type SiteParts } from './evidence/sites.ts';
import type { TimelinessService } from './evidence/timeliness.ts';
import type { FeedService } from './facts/feeds.ts';
import type { FactService } from './facts/service.ts';
import { TRUSTED_HEADINGS, type TrustedService } from './facts/trusted.ts';
import type { WatchService } from './facts/watch.ts';

export type EvidenceRouteParts = Pick<
  SiteParts,
  'database' | 'write' | 'objects' | 'registerFile' | 'reports'
> & {
  readonly requireAccess: RequireAccess;
  readonly facts: FactService;
  readonly feeds: FeedService;
  readonly watch: WatchService;
  readonly trusted: TrustedService;
  readonly logs: LogService;
  readonly corrections: CorrectionService;
  readonly timeliness: TimelinessService;
  readonly programmes: ProgrammeService;
  readonly sites: SiteEvidenceService;
  readonly cases: CaseService;
  readonly calendar: CalendarService;
};

const FEED_BYTES_MAX = 64 * 1024 * 1024;

/** Facts with their origin, evidence, cases and the calendar: one line each. */
export function evidenceRoutes(parts: EvidenceRouteParts): MountedGroup[] {
  return [
    facilityGroup(parts),
    evidenceGroup(parts),
    siteGroup(parts),
    caseGroup(parts),
    calendarGroup(parts),
  ];
}

function facilityGroup({ facts, feeds, watch, trusted }: EvidenceRouteParts): MountedGroup {
  return mountGroup('facilities', contract.facilities, {
    sources: ({ query }, context) => feeds.sources(context, query),
    createFeed: ({ body }, context) => feeds.create(context, body),
    updateSource: ({ params, body }, context) => feeds.update(context, params.id, body),
    pollSource: ({ params }, context) => feeds.poll(context, params.id),
    facts: ({ params, query }, context) => facts.facts(context, params.id, query),
    stateFacts: ({ body }, context) => facts.state(context, body),
    conflicts: ({ query }, context) => facts.conflicts(context, query),
    resolve: ({ body }, context) => facts.resolve(context, body),
    async exportConflicts({ query }, context) {
      const rows = (await facts.allConflicts(context)).flatMap((each) =>
        each.words.map((word) => [
          each.cinemaName,
          each.screenName ?? '',
          each.fact,
          word.value ?? '',
          word.source,
          word.kind,
          String(word.precedence),
          word.validFrom,
        ]),
      );
      const head = ['影院', '影厅', '项目', '内容', '来源', '来源类别', '次序', '起始'];
      return downloadSheet('conflicts', '出入', [head, ...rows], query.format);
    },
    watch: ({ query }, context) => watch.watch(context, query),
    async exportWatch({ query }, context) {
      const texts: Readonly<Record<string, { zh: string }>> = FINDING_TEXTS;
      const rows = (await watch.all(context, query)).map((each) => [
        each.circuitName ?? '',
        each.cinemaName,
        each.screenName,
        each.maker ?? '',
        each.thumbprint ?? '',
        each.notAfter?.slice(0, 10) ?? '',
        each.findings.map((one) => filled(texts[one.code]?.zh ?? one.code, one.facts)).join('；'),
      ]);
      const head = ['院线', '影院', '影厅', '厂商', '指纹', '有效至', '问题'];
      return downloadSheet('certificates', '证书监看', [head, ...rows], query.format);
    },
    lookNow: (_request, context) => watch.lookNow(context),
    trustedVersions: (_request, context) => trusted.versions(context),
    trustedDevices: ({ query }, context) => trusted.devices(context, query),
    importTrusted: ({ body }, context) => trusted.import(context, body),
    async exportTrusted({ query }, context) {
      const rows = (await trusted.all(context, query.version)).map((each) => [
        each.thumbprint,
        each.maker ?? '',
        each.model ?? '',
        each.serial ?? '',
        each.note,
      ]);
      const list = [[...TRUSTED_HEADINGS], ...rows];
      return downloadSheet('trusted-devices', '可信设备', list, query.format);
    },
  });
}

function filled(text: string, facts: Readonly<Record<string, unknown>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    facts[name] === undefined ? whole : String(facts[name]),
  );
}

function evidenceGroup(parts: EvidenceRouteParts): MountedGroup {
  const { logs, corrections, timeliness, programmes, reports, requireAccess } = parts;
  return mountGroup('evidence', contract.evidence, {
    logs: ({ query }, context) => logs.logs(context, query),
    takeLog: ({ body }, context) => logs.take(context, body),
    placeLog: ({ params, body }, context) => logs.place(context, params.id, body),
    playbacks: ({ query }, context) => logs.playbacks(context, query),
    async exportPlaybacks({ query }, context) {
      const rows = (await logs.allPlaybacks(context, query)).map((each) => [
        each.cinemaName,
        each.screenName ?? '',
        each.filmTitle ?? each.title ?? '',
        each.localStart.replace('T', ' '),
        each.startedAt,
        each.endedAt,
        each.whole ? '完整' : '不完整',
        each.proven ? '有签名证明' : '',
        each.exceptions.join(' '),
        each.device,
        each.compositionId ?? '',
      ]);
      const head = [
        '影院',
        '影厅',
        '影片',
        '开映（当地）',
        '开映',
        '结束',
        '完整',
        '证明',
        '异常',
        '设备',
        '合成标识',
      ];
      return downloadSheet('playbacks', '放映记录', [head, ...rows], query.format);
    },
    holes: ({ query }, context) => logs.holes(context, query),
    importProgramme: ({ body }, context) => programmes.import(context, body),
    async feedReport({ bytes }, context) {
      const { organisationId } = await requireAccess(context, 'exhibition.report');
      const name = 'box-office.jsonl';
      const { file } = await keep(parts, bytes, FEED_BYTES_MAX, { organisationId, name });
      return importOnce(reports, context, file.id);
    },
    corrections: ({ query }, context) => corrections.corrections(context, query),
    applyForCorrection: ({ body }, context) => corrections.apply(context, body),
    decideCorrection: ({ params, body }, context) => corrections.decide(context, params.id, body),
    timeliness: ({ query }, context) => timeliness.timeliness(context, query),
    async exportTimeliness({ query }, context) {
      const words = { good: '正常', late: '迟报', failing: '不达标' } as const;
      const rows = (await timeliness.all(context, query)).map((each) => [
        each.circuitName ?? '',
        each.cinemaCode ?? '',
        each.cinemaName,
        String(each.days),
        String(each.reported),
        String(each.inTime),
        String(each.missedInRow),
        each.medianHours === null ? '' : String(each.medianHours),
        each.last ?? '',
        words[each.verdict],
      ]);
      const head = [
        '院线',
        '影院编码',
        '影院',
        '应报天数',
        '已报天数',
        '及时天数',
        '最长连续缺报',
        '中位延迟（小时）',
        '最近一日',
        '结论',
      ];
      return downloadSheet('timeliness', '上报情况', [head, ...rows], query.format);
    },
  });
}

function siteGroup({ sites }: EvidenceRouteParts): MountedGroup {
  return mountGroup('siteEvidence', contract.siteEvidence, {
    log: ({ query, bytes }, _context, http) => sites.log(http.headers, query.name, bytes),
    report: ({ query, bytes }, _context, http) => sites.report(http.headers, query.name, bytes),
    programme: async ({ bytes }, _context, http) => {
      const { findings, ...counts } = await sites.programme(http.headers, bytes);
      return { ...counts, findings: findings as never[] };
    },
  });
}

function caseGroup({ cases }: EvidenceRouteParts): MountedGroup {
  return mountGroup('cases', contract.cases, {
    rules: (_request, context) => cases.rules(context),
    setRules: ({ body }, context) => cases.setRules(context, body),
    examine: ({ body }, context) => cases.examine(context, body),
    examinations: ({ query }, context) => cases.examinations(context, query),
    list: ({ query }, context) => cases.list(context, query),
    get: ({ params }, context) => cases.get(context, params.id),
    ask: ({ params, body }, context) => cases.ask(context, params.id, body),
    answer: ({ params, body }, context) => cases.answer(context, params.id, body),
    decide: ({ params, body }, context) => cases.decide(context, params.id, body),
    confirm: ({ params, body }, context) => cases.confirm(context, params.id, body),
    async export({ query }, context) {
      const { format, ...filter } = query;
      const rows = (await cases.all(context, filter)).map((each) => [
        each.localAt.replace('T', ' '),
        each.cinemaName,
        each.screenName,
        each.filmTitle ?? '',
        each.rule,
        JSON.stringify(each.facts),
        each.state,
        each.verdict ?? '',
        formatYuan(BigInt(each.amountFen)),
        each.owner ?? '',
      ]);
      const head = [
        '时间',
        '影院',
        '影厅',
        '影片',
        '规则',
        '情况',
        '状态',
        '结论',
        '金额（元）',
        '经办',
      ];
      return downloadSheet('cases', '疑点案件', [head, ...rows], format);
    },
  });
}

function calendarGroup({ calendar }: EvidenceRouteParts): MountedGroup {
  return mountGroup('calendar', contract.calendar, {
    days: ({ query }, context) => calendar.days(context, query),
    map: ({ query }, context) => calendar.map(context, query),
  });
}
