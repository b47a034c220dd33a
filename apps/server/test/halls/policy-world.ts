import type { Role } from '@yinglian/contract';
import { openHalls } from '../../src/halls.ts';
import type { Mailer } from '../../src/kernel/mail.ts';
import { createTestServer, type TestPerson, type TestServer } from '../support/server.ts';
import { upload } from './support.ts';

/** Departments and companies of a policy hall whose clock the test keeps. */

export const COURSE = Object.fromEntries(
  ['course.joint', 'course.in_plan', 'course.builder'].map((name) => [name, { value: true }]),
);
const EVIDENCE: Readonly<Record<string, readonly string[]>> = {
  'M8.4': ['course_agreement', 'teaching_plan', 'course_list'],
  'M8.5': ['asset_list', 'invoices', 'cohorts'],
  P1: ['filing', 'invoices'],
};
const DAY_MS = 86_400_000;

/** Persons of a department, so that four eyes are four; only those a test needs are made. */
const PEOPLE = {
  officer: 'policy.officer',
  second: 'policy.officer',
  reviewer: 'policy.reviewer',
  approver: 'policy.approver',
  other: 'policy.approver',
  finance: 'policy.finance',
  payer: 'policy.finance',
  auditor: 'policy.auditor',
} as const satisfies Readonly<Record<string, Role>>;
type Place = keyof typeof PEOPLE;
const PLACES = Object.keys(PEOPLE) as Place[];

export type Department<Held extends Place = Place> = { readonly owner: TestPerson } & Readonly<
  Record<Held, TestPerson>
>;

/** An electronic invoice as the tax bureau hands it out. */
export function invoiceXml(number: string, yuan: string, buyer: string): string {
  return (
    `<EInvoice><Header><EIid>${number}</EIid></Header><EInvoiceData><SellerInformation>` +
    '<SellerIdNum>9153000077859986X2</SellerIdNum><SellerName>绕城高速公路公司</SellerName>' +
    '</SellerInformation><BuyerInformation><BuyerIdNum>915300007194052520</BuyerIdNum>' +
    `<BuyerName>${buyer}</BuyerName></BuyerInformation><BasicInformation>` +
    `<TotalTax-includedAmount>${yuan}</TotalTax-includedAmount></BasicInformation>` +
    `</EInvoiceData><TaxSupervisionInfo><InvoiceNumber>${number}</InvoiceNumber>` +
    '<IssueTime>2026-02-28</IssueTime></TaxSupervisionInfo></EInvoice>'
  );
}

/** What a claim is drafted with; a course of M8.4 where nothing is said. */
type Drafted = {
  readonly item?: string;
  readonly facts?: Record<string, { value: boolean | string | number }>;
  readonly others?: readonly object[];
  readonly recommenderId?: string | null;
};

export class PolicyWorld {
  readonly server: TestServer;
  clock: number;

  private constructor(server: TestServer, clock: { now: number }) {
    this.server = server;
    this.clock = clock.now;
    Object.defineProperty(this, 'clock', {
      get: () => clock.now,
      set: (value: number) => {
        clock.now = value;
      },
    });
  }

  static async open({ mailer }: { readonly mailer?: Mailer } = {}): Promise<PolicyWorld> {
    // A Monday in a year whose holidays are known, whatever day the tests run on.
    const clock = { now: Date.parse('2026-06-01T09:00:00+08:00') };
    const server = await createTestServer({
      halls: (kernel) =>
        openHalls({
          ...kernel,
          now: () => new Date(clock.now),
          ...(mailer === undefined ? {} : { mailer }),
        }),
    });
    return new PolicyWorld(server, clock);
  }

  later(days: number): void {
    this.clock += days * DAY_MS;
  }

  async department<Held extends Place = Place>(
    name: string,
    places: readonly Held[] = PLACES as unknown as readonly Held[],
  ): Promise<Department<Held>> {
    const owner = await this.server.newOrganisation('other', name);
    const operator = await this.server.owner();
    await operator.client.policy.enrol({ params: { id: owner.organisationId }, body: { name } });
    const people: Partial<Record<Place, TestPerson>> = {};
    for (const place of places) {
      people[place] = await this.server.newMember(owner, [PEOPLE[place]]);
    }
    return { owner, ...people } as Department<Held>;
  }

  call(department: Department<'officer'>, more: object = {}) {
    return department.officer.client.policy.createCall({
      body: {
        instrument: 'hunan-2023-55',
        title: '课程补助',
        year: 2026,
        items: ['M8.4', 'M8.5'],
        opensOn: '2026-01-01',
        closesOn: '2026-12-31',
        fairnessOpinion: '通过',
        ...more,
      },
    });
  }

  async draft(by: TestPerson, callId: string, object: string, more: Drafted = {}) {
    const { item = 'M8.4', facts = COURSE, others = [], recommenderId = null } = more;
    const made = await by.client.policy.createClaim({
      params: { id: callId },
      body: {
        item,
        object,
        eventDate: '2026-05-01',
        facts,
        others: others as never,
        recommenderId,
      },
    });
    for (const code of EVIDENCE[item] ?? []) {
      const fileId = await upload(by, `${code}.pdf`, `%PDF-1.7 ${made.id} ${code}`);
      await by.client.policy.addEvidence({ params: { id: made.id }, body: { fileId, code } });
    }
    return made.id;
  }

  async act(by: TestPerson, id: string, action: string, more: object = {}) {
    const { version } = await by.client.policy.claim({ params: { id } });
    return by.client.policy.act({
      params: { id },
      body: { version, action, reason: '理由', ...more },
    });
  }

  async reviewed(
    by: TestPerson,
    department: Department<'officer' | 'second' | 'reviewer'>,
    id: string,
    fen: bigint,
  ) {
    await this.act(by, id, 'submit');
    await this.act(department.officer, id, 'pass_check');
    await this.act(department.second, id, 'recommend');
    await this.act(department.officer, id, 'pass_joint');
    return this.act(department.reviewer, id, 'review', { recommendedFen: String(fen) });
  }

  money(
    department: Department<'finance'>,
    fen: bigint,
    move: 'appropriate' | 'withdraw' = 'appropriate',
  ) {
    const body = { year: 2026, move, fen: String(fen) } as const;
    return department.finance.client.policy.enterBudget({ body });
  }
}
