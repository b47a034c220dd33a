import type { IsoDate } from '@yinglian/core';
import type {
  CaseRole,
  Choice,
  EvidenceDefinition,
  FactDefinition,
  FactValue,
  FlowAction,
  FlowStep,
  Words,
} from '@yinglian/policy';

/**
 * A register as data: what an entry says, which of it is published, how it lives, how long it
 * holds, and what it proves when a measure is claimed. Selected projects, first-of-kind products,
 * innovation platforms, courses, training bodies and talents are six of the same form.
 */

/** One column of a table: providers with shares, cohorts, assets, certificates. */
export type Column = FactDefinition & { readonly required: boolean };

/** One thing an entry says: a fact of the policy's kinds, or a table of rows. */
export type Field = {
  readonly name: string;
  readonly label: Words;
  readonly help?: Words;
  readonly required: boolean;
  /** Whether the public page of the register shows it. Nothing else is ever shown there. */
  readonly published: boolean;
  /** Data of a person: it is erased when the entry has ended and its term of keeping is over. */
  readonly personal?: boolean;
} & (
  | { readonly kind: FactDefinition['kind']; readonly choices?: readonly Choice[] }
  | { readonly kind: 'table'; readonly columns: readonly Column[] }
);

/** One row of a table. */
export type Row = { readonly [column: string]: FactValue };
/** What a field holds. */
export type FieldValue = FactValue | readonly Row[];
/** What an entry says, by the names of fields. */
export type Fields = { readonly [name: string]: FieldValue };

/** Where an entry is. */
export type EntryState =
  | 'draft'
  | 'filed'
  | 'correction'
  | 'checked'
  | 'proposed'
  | 'on_notice'
  | 'registered'
  | 'warned'
  | 'upgrading'
  | 'upgrade_notice'
  | 'routed'
  | 'recommended'
  | 'withdrawn'
  | 'relinquished'
  | 'refused'
  | 'forgotten';

/** What must hold before an action, beyond the state. */
export type EntryGuard =
  /** Every required field and document is there. */
  | 'complete'
  /** The correction was not asked for before. */
  | 'correction_unused'
  | 'in_time'
  /** The term for corrections ran out without any. */
  | 'correction_over'
  | 'reason_given'
  | 'four_eyes'
  /** Its round is closed and the entry is among the selected. */
  | 'selected'
  | 'notice_over'
  | 'no_open_objection'
  /** The last assessment was failed. */
  | 'assessment_failed'
  /** The last assessment since the warning was passed. */
  | 'assessment_passed'
  /** The time to mend after a warning is over, or failures stand as often as the register says. */
  | 'remedy_over'
  /** The level asked for is above the present one. */
  | 'higher_level'
  /** The person agreed to the purpose the data is used for. */
  | 'consented'
  /** The term for which personal data is kept is over. */
  | 'keeping_over';

/** What an action does to the entry besides its state. */
export type EntryEffect =
  | 'ask_correction'
  | 'begin_notice'
  | 'end_notice'
  | 'register'
  | 'renew'
  | 'raise'
  | 'warn'
  | 'end'
  | 'forget';

/** One action of a life. */
export type EntryAction = FlowAction<EntryState, CaseRole, EntryGuard> & {
  readonly effect?: EntryEffect;
  readonly label: Words;
};

/** What the beneficiary of a measure is, seen from an entry. */
export type Beneficiary =
  | { readonly by: 'holder' }
  /** Rows of a table name organisations, each with its share: providers of a solution. */
  | {
      readonly by: 'rows';
      readonly field: string;
      /** Column with the code of the organisation (统一社会信用代码). */
      readonly code: string;
      readonly name: string;
      readonly share: string;
    };

/** Where the value of a fact comes from. */
export type Take =
  | { readonly take: 'value'; readonly value: FactValue }
  | { readonly take: 'field'; readonly field: string }
  /** By the value of a choice; a value that the table leaves out gives no fact. */
  | {
      readonly take: 'map';
      readonly field: string;
      readonly table: Readonly<Record<string, string>>;
    }
  | {
      readonly take: 'sum' | 'count';
      readonly field: string;
      /** With `sum`: the column that is added up. */
      readonly column?: string;
      /** Only rows whose column is one of these. */
      readonly where?: { readonly column: string; readonly in: readonly string[] };
    };

/** A condition on the fields of an entry under which it feeds an item. */
export type Needs = { readonly field: string; readonly in: readonly (string | boolean)[] };

/** What an entry gives to a claim on one item: facts and documents, each with where from. */
export type Feed = {
  readonly instrument: string;
  readonly item: string;
  readonly needs: readonly Needs[];
  readonly facts: readonly { readonly fact: string; readonly from: Take }[];
  /** Codes of the claim's evidence and the document of the entry, or the extract itself. */
  readonly evidence: readonly { readonly code: string; readonly from: string }[];
  /** The day of the event: when it was entered, or a field with a date. */
  readonly eventDate: { readonly from: 'registered' } | { readonly from: 'field'; field: string };
};

/** How entries are looked at again. */
export type AssessmentPlan = {
  readonly everyMonths: number;
  readonly criteria: readonly Criterion[];
  /** From the highest: the grade of an assessment is the first whose points are reached. */
  readonly grades: readonly {
    readonly grade: string;
    readonly label: Words;
    /** Of a hundred. */
    readonly from: number;
    readonly passes: boolean;
  }[];
  /** Failed so often in a row, the entry may be withdrawn. */
  readonly failuresToWithdraw: number;
  /** Working days to mend after a warning. */
  readonly remedyWorkingDays: number;
};

/** One thing that reviewers give points for. */
export type Criterion = {
  readonly code: string;
  readonly label: Words;
  /** The most points; the points of all criteria together are the whole. */
  readonly most: number;
  /** Below this an entry is out, whatever the rest. */
  readonly least?: number;
};

/** A whole register. */
export type RegisterDefinition = {
  readonly schema: 'yinglian.register/1';
  readonly kind: string;
  /** Begins the numbers of entries: `SFBG-2026-0001`. */
  readonly prefix: string;
  readonly title: Words;
  readonly about: Words;
  readonly fields: readonly Field[];
  readonly documents: readonly EvidenceDefinition[];
  /** Fields that together name the thing; the same thing is entered once. */
  readonly identity: readonly string[];
  readonly headline: string;
  readonly beneficiary: Beneficiary;
  readonly actions: readonly EntryAction[];
  /** How long an entry holds after it was entered or renewed; null: until it is withdrawn. */
  readonly validMonths: number | null;
  /** A field whose date ends the standing earlier. */
  readonly validUntilField?: string;
  /** The field with the level, and its values from the lowest. */
  readonly levels?: { readonly field: string; readonly order: readonly string[] };
  readonly selection: SelectionPlan | null;
  readonly assessment: AssessmentPlan | null;
  /** Months for which personal data is kept after the end of an entry. */
  readonly keepingMonths: number | null;
  readonly feeds: readonly Feed[];
};

/** How a round of selection is decided. */
export type SelectionPlan = {
  readonly criteria: readonly Criterion[];
  /** Points of a hundred below which nobody is selected. */
  readonly least: number;
  /** Scores that an entry needs. */
  readonly reviewers: number;
  /** From so many scores on the highest and the lowest are left out. */
  readonly trimFrom: number;
  /** Field whose values have places of their own, where the round says how many. */
  readonly categoryField: string | null;
};

/** An entry as its life sees it. */
export type EntryRecord = {
  readonly state: EntryState;
  readonly steps: readonly FlowStep<CaseRole>[];
  readonly fields: Fields;
  /** Codes of the documents that are there. */
  readonly documents: readonly string[];
  readonly selected: boolean;
  readonly correctionUntil: IsoDate | null;
  readonly noticeUntil: IsoDate | null;
  readonly remedyUntil: IsoDate | null;
  readonly registeredOn: IsoDate | null;
  readonly validUntil: IsoDate | null;
  readonly endedOn: IsoDate | null;
  /** The level that an upgrade asks for. */
  readonly levelAsked: string | null;
  readonly openObjections: number;
  readonly assessments: readonly GradedAssessment[];
};

/** An assessment that was made. */
export type GradedAssessment = {
  readonly on: IsoDate;
  readonly grade: string;
  readonly passes: boolean;
};
