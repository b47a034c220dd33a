import { contract } from '@yinglian/contract';
import { downloadBytes, mountGroup, type MountedGroup } from '../kernel/http/routes.ts';
import { jsonText } from '../kernel/write.ts';
import type { createActing } from './act.ts';
import type { createBundle } from './bundle.ts';
import type { CallService } from './calls.ts';
import type { ClaimsService } from './claims.ts';
import type { DeskService } from './desk.ts';
import type { PublicService } from './public.ts';
import type { ControlService } from './control.ts';
import type { HolidayService } from './holidays.ts';
import type { JointService } from './joint.ts';
import type { AppealService } from './appeals.ts';
import type { FairnessService } from './fairness.ts';
import type { DeskListService } from './desk-lists.ts';
import type { MarkService } from './marks.ts';
import type { ObjectionService } from './objections.ts';
import type { ReminderService } from './reminders.ts';
import type { ReportService } from './report.ts';
import type { ReturnService } from './returns.ts';
import type { OfferService } from './registers/offers.ts';

export function policyRoutes(services: {
  readonly open: PublicService;
  readonly claims: ClaimsService;
  readonly desk: DeskService;
  readonly act: ReturnType<typeof createActing>;
  readonly bundle: ReturnType<typeof createBundle>;
  readonly reminders: ReminderService;
  readonly report: ReportService;
  readonly joint: JointService;
  readonly control: ControlService;
  readonly holidays: HolidayService;
  readonly marks: MarkService;
  readonly objecting: ObjectionService;
  readonly calling: CallService;
}): MountedGroup {
  const { open, claims, desk, act, reminders, report, calling } = services;
  const { joint, control, holidays, marks, objecting, bundle } = services;
  return mountGroup('policy', contract.policy, {
    instruments: () => open.instruments(),
    instrument: ({ params, query }) => open.instrument(params.instrument, query),
    calculate: ({ params, body }) => open.calculate(params.instrument, body),
    receipt: ({ params, body }) => open.receipt(params.instrument, params.item, body),
    replay: async ({ body }) => open.replay(body.receipt),
    notices: ({ query }) => open.notices(query),
    calls: ({ query }) => calling.calls(query),
    object: ({ params, body }, context) => objecting.object(context, params.id, body.text),
    profile: (_, context) => desk.profile(context),
    saveProfile: ({ body }, context) => desk.saveProfile(context, body),
    matches: (_, context) => desk.matches(context),
    reminders: (_, context) => reminders.reminders(context),
    claims: ({ query }, context) => claims.claims(context, query),
    claim: ({ params }, context) => claims.claim(context, params.id),
    createClaim: ({ params, body }, context) => claims.create(context, params.id, body),
    updateClaim: ({ params, body }, context) => claims.update(context, params.id, body),
    addEvidence: ({ params, body }, context) => claims.addEvidence(context, params.id, body),
    removeEvidence: ({ params }, context) =>
      claims.removeEvidence(context, params.id, params.evidenceId),
    act: ({ params, body }, context) => act(context, params.id, body),
    async claimReceipts({ params }, context) {
      const record = await bundle(context, params.id);
      const bytes = new TextEncoder().encode(`${jsonText(record)}\n`);
      return downloadBytes(`${params.id}.policy.json`, 'application/json', bytes);
    },
    objections: ({ params }, context) => objecting.objections(context, params.id),
    answerObjection: ({ params, body }, context) =>
      objecting.answerObjection(context, params.id, body),
    createCall: ({ body }, context) => calling.createCall(context, body),
    decideParameter: ({ params, body }, context) => desk.decideParameter(context, params, body),
    holidays: () => holidays.holidays(),
    importHolidays: ({ body }, context) => holidays.importHolidays(context, body),
    saveHolidays: ({ params, body }, context) => holidays.saveHolidays(context, params.year, body),
    budget: ({ query }, context) => desk.budget(context, query.year),
    enterBudget: ({ body }, context) => desk.enterBudget(context, body.year, body),
    report: ({ query }, context) => report.report(context, query.year, query.scope),
    reportFile: ({ query }, context) => report.reportFile(context, query.year, query),
    giveOpinion: ({ params, body }, context) => joint.giveOpinion(context, params.id, body),
    divide: ({ params, body }, context) => joint.divide(context, params.id, body),
    controls: (_, context) => control.controls(context),
    recordControl: ({ body }, context) => control.recordControl(context, body),
    endControl: ({ params }, context) => control.endControl(context, params.id),
    exportClaims: ({ params, query }, context) =>
      report.exportClaims(context, params.id, query.format),
    mark: ({ body }, context) => marks.mark(context, body),
    departments: () => open.departments(),
    enrol: ({ params, body }, context) => desk.enrol(context, params.id, body.name),
  });
}

/** The desk of a department: what it looks through and takes away. */
export function policyDeskRoutes(services: {
  readonly appeals: AppealService;
  readonly lists: DeskListService;
  readonly marks: MarkService;
  readonly fairness: FairnessService;
  readonly objecting: ObjectionService;
  readonly calling: CallService;
  readonly returning: ReturnService;
  readonly offering: OfferService;
}): MountedGroup {
  const { returning, offering } = services;
  const { appeals, lists, marks, fairness, objecting, calling } = services;
  return mountGroup('policyDesk', contract.policyDesk, {
    objections: ({ query }, context) => lists.objections(context, query),
    ownObjections: ({ query }, context) => objecting.own(context, query),
    findObjection: ({ body }) => objecting.find(body.token),
    appeals: ({ query }, context) => appeals.appeals(context, query),
    appeal: ({ params, body }, context) => appeals.appeal(context, params.id, body.text),
    dismissAppeal: ({ params, body }, context) => appeals.dismiss(context, params.id, body.answer),
    call: ({ params }) => lists.call(params.id),
    candidates: ({ params, query }, context) =>
      offering.candidates(context, params.id, query.item),
    offer: ({ params, body }, context) => offering.offer(context, params.id, body),
    recoveries: (_, context) => returning.recoveries(context),
    returnRecovered: ({ body }, context) => returning.giveBack(context, body),
    directions: () => calling.directions(),
    changeCall: ({ params, body }, context) => calling.changeCall(context, params.id, body),
    cancelCall: ({ params, body }, context) => calling.cancelCall(context, params.id, body),
    recordFairness: ({ params, body }, context) => fairness.record(context, params.id, body),
    divisions: ({ params }, context) => lists.divisions(context, params.id),
    divisionReceipt: ({ params }, context) => lists.divisionReceipt(context, params.id),
    callClaims: ({ params, query }, context) => lists.callClaims(context, params.id, query),
    marks: (_, context) => marks.marks(context),
    endMark: ({ params, body }, context) => marks.endMark(context, params.id, body.reason),
    publicList: ({ params, query }) => lists.publicList(params.list, query.format),
    list: ({ params, query }, context) => lists.list(context, params.list, query),
  });
}
