import type { IsoDate } from '@yinglian/core';
import type { RecoveryWay } from './ledger.ts';

/**
 * An instrument of policy as data. Everything is plain JSON, so that a rule has one digest, can be
 * written by a department in a file, and can be carried whole inside a receipt. Money is fen in
 * decimal digits, rates are exact fractions (`3/10`); no float takes part in a decision.
 */

/** A text for people, in both languages of the product. */
export type Words = { readonly zh: string; readonly en: string };

/**
 * Words of the instrument and where they stand: half-open positions in UTF-16 code units of the
 * raw text, line feeds of page breaks included. `quote` is that slice, character by character.
 */
export type Clause = { readonly start: number; readonly end: number; readonly quote: string };

/** Who issued something: national, provincial or of a city. */
export type Jurisdiction = 'nation' | 'province' | 'city';

/** A value of a fact: money as fen in digits, dates as `YYYY-MM-DD`, choices by their value. */
export type FactValue = boolean | number | string | readonly string[];

/** What kind of value a fact has. */
export type FactKind = 'yes_no' | 'money' | 'count' | 'date' | 'choice' | 'choices' | 'text';

/** One value that a choice may take. */
export type Choice = { readonly value: string; readonly label: Words };

/** One question that rules may ask; the form for a company is made of these. */
export type FactDefinition = {
  readonly name: string;
  readonly kind: FactKind;
  readonly label: Words;
  readonly help?: Words;
  readonly choices?: readonly Choice[];
  /** What the engine takes when nobody answered; it is shown as an assumption, never hidden. */
  readonly whenAbsent?: FactValue;
};

/** What a condition asks of one fact. */
export type Comparison = 'is' | 'is_not' | 'in' | 'has' | 'at_least' | 'at_most' | 'more' | 'less';

/** A condition in three values: true, false, unknown (Kleene's strong logic). */
export type Condition =
  | { readonly test: 'all' | 'any'; readonly of: readonly Condition[]; readonly label?: Words }
  | { readonly test: 'not'; readonly of: Condition; readonly label?: Words }
  | {
      readonly test: 'fact';
      readonly fact: string;
      readonly compare: Comparison;
      readonly value: FactValue;
      /** The words of the instrument that this leaf stands for. */
      readonly quote?: string;
    }
  | {
      readonly test: 'facts';
      readonly fact: string;
      readonly compare: 'more' | 'at_least' | 'is';
      /** The other fact, of the same kind. */
      readonly than: string;
      readonly quote?: string;
    }
  | { readonly test: 'parameter'; readonly parameter: string; readonly value: string };

/** An amount as arithmetic over facts. Evaluated exactly and rounded down once, at the end. */
export type Amount =
  | { readonly amount: 'fixed'; readonly fen: string }
  | { readonly amount: 'fact'; readonly fact: string }
  | { readonly amount: 'rate'; readonly of: Amount; readonly rate: string }
  | { readonly amount: 'rate_parameter'; readonly of: Amount; readonly parameter: string }
  | { readonly amount: 'least' | 'greatest' | 'sum'; readonly of: readonly Amount[] }
  /** Never below zero. */
  | { readonly amount: 'difference'; readonly from: Amount; readonly less: Amount }
  /** So much for each unit above a baseline that earns nothing. */
  | {
      readonly amount: 'per_unit';
      readonly fact: string;
      readonly fen: string;
      readonly baseline: number;
    }
  /** By the value of a choice or of a count (a year): grade tables, 50 % / 40 % / 30 %. */
  | {
      readonly amount: 'by_value';
      readonly fact: string;
      readonly table: readonly { readonly value: string | number; readonly gives: Amount }[];
    }
  /** The instrument promises money and prints no standard: 标准待定. */
  | { readonly amount: 'unset' };

/** What a ceiling is counted per. `round` is the yearly round of the call. */
export type CapDimension = 'applicant' | 'round' | 'object' | 'label';

/** A ceiling over several claims, earlier grants included: 每家, 每个. */
export type Cap = {
  readonly code: string;
  readonly limitFen: string;
  readonly per: readonly CapDimension[];
  /** Only under this reading of an ambiguity. */
  readonly when?: { readonly parameter: string; readonly value: string };
};

/** What an item gives. */
export type Benefit =
  | 'reward'
  | 'subsidy'
  | 'priority'
  | 'reference'
  | 'programme'
  | 'task'
  | 'information'
  | 'general';

/** Who may come. */
export type Beneficiary =
  | 'enterprise'
  | 'leading_enterprise'
  | 'state_enterprise'
  | 'university'
  | 'laboratory'
  | 'host_unit'
  | 'operator'
  | 'organiser'
  | 'park'
  | 'individual'
  | 'city'
  | 'public';

/** What a claim is about: the thing that may be supported once. */
export type ObjectKind =
  | 'centre'
  | 'project'
  | 'product'
  | 'course'
  | 'base'
  | 'headquarters'
  | 'order_year'
  | 'ecosystem'
  | 'event'
  | 'list';

/** 免申即享, 快申快享, 按规定程序. */
export type Speed = 'without_application' | 'fast' | 'prescribed';

/** How often one object or applicant may be supported. */
export type Frequency = 'yearly_round' | 'once_per_object' | 'standing' | 'none';

/** A document or record that a claim must bring. */
export type EvidenceDefinition = {
  readonly code: string;
  readonly label: Words;
  readonly required: boolean;
  /**
   * May serve several claims, as a public list or a decision of recognition does. What proves a
   * cost or a deed serves one.
   */
  readonly shared?: boolean;
};

/** One dated version of the rule of one item. */
export type Rule = {
  readonly item: string;
  /** From 1; together with the item the name of the version: `M4.2@1`. */
  readonly version: number;
  /** First and last day of the events it governs, both inclusive; null: as the instrument. */
  readonly from: IsoDate | null;
  readonly to: IsoDate | null;
  /** The day from which the register knew this version (record time). */
  readonly recorded: IsoDate;
  /** A version that this one corrects; the corrected one is not used once this is known. */
  readonly replaces?: number;
  readonly issuedBy: string;
  readonly reason: Words;
  readonly measure: string;
  readonly title: Words;
  readonly clause: Clause;
  readonly beneficiaries: readonly Beneficiary[];
  readonly object: ObjectKind | null;
  readonly benefit: Benefit;
  readonly frequency: Frequency;
  readonly speed: Speed;
  /** Null where there is nothing to apply for. */
  readonly condition: Condition | null;
  /** Null where the item gives no money at all. */
  readonly bound: Amount | null;
  /** What all public money together may never exceed, whoever gives it: the cost itself. */
  readonly eligibleCost?: Amount;
  /** A figure that the item is computed from and that people want to see (an increase). */
  readonly basis?: { readonly label: Words; readonly of: Amount };
  readonly caps: readonly Cap[];
  /** The 同类 class, set by the lead department, never inferred from the text. */
  readonly sameKind: string | null;
  readonly evidence: readonly EvidenceDefinition[];
  readonly parameters: readonly string[];
  /** Whether payments are public money and go through the budget. */
  readonly publicMoney: boolean;
  readonly systems: readonly string[];
};

/** One way to read an unclear clause. */
export type Reading = {
  readonly value: string;
  readonly words: Words;
  /** Readings the engine cannot compute are shown, and refused when somebody chooses them. */
  readonly supported: boolean;
};

/** A place where the text can be read in several ways, with the reading that is used. */
export type ParameterDefinition = {
  readonly code: string;
  readonly title: Words;
  readonly quote: string;
  readonly readings: readonly Reading[];
  readonly default: string;
  readonly reason: Words;
  /**
   * `reading`: one of the listed; `rate`: an exact fraction that may be unset (`''`); `days`: a
   * whole number of calendar days.
   */
  readonly kind: 'reading' | 'rate' | 'days';
  /** The law that the quote is from, where the instrument itself is silent. */
  readonly law?: string;
};

/** A dated decision of the lead department on a parameter; nothing else changes one. */
export type ParameterDecision = {
  readonly parameter: string;
  readonly value: string;
  readonly from: IsoDate;
  readonly recorded: IsoDate;
  readonly issuedBy: string;
  readonly reason: string;
  /** The one item that it is decided for; absent: every item. What is decided for one outranks. */
  readonly item?: string;
  /** The words of that item which the decision reads. */
  readonly quote?: string;
};

/** One measure with its departments in printed order. */
export type Measure = {
  readonly number: string;
  readonly heading: string;
  readonly lead: string;
  readonly others: readonly string[];
  readonly departments: Clause;
};

/** A day that one reading of the text gives for the begin or the end of force. */
export type DateReading = { readonly value: string; readonly date: IsoDate };

/**
 * What the engine asks of every instrument: which date must lie in the term, whose money counts
 * for "not both", whether items of one instrument exclude each other, whether the difference is
 * paid, where amounts are rounded down to, whether one cost may be supported twice.
 */
export type GeneralPart = 'term' | 'scope' | 'within' | 'topUp' | 'rounding' | 'sameCost';

/** A whole instrument. */
export type Instrument = {
  readonly schema: 'yinglian.policy/1';
  readonly code: string;
  readonly number: string;
  readonly registration: string;
  readonly title: Words;
  readonly issuer: string;
  readonly jurisdiction: Jurisdiction;
  readonly source: {
    readonly publicity: string;
    readonly sha256: string;
    readonly characters: number;
  };
  readonly validity: {
    readonly fromParameter: string;
    readonly from: readonly DateReading[];
    readonly toParameter: string;
    readonly to: readonly DateReading[];
  };
  readonly measures: readonly Measure[];
  readonly facts: readonly FactDefinition[];
  readonly parameters: readonly ParameterDefinition[];
  /** Which parameters play the parts that the engine asks for, by their codes. */
  readonly general?: { readonly [Part in GeneralPart | 'appeal']?: string };
  /** Where recovered money goes, by its words; absent: a second person decides each time. */
  readonly recoveries?: { readonly to: RecoveryWay; readonly quote: string };
  readonly rules: readonly Rule[];
};

/** A fact as somebody gave it, with where it comes from. */
export type GivenFact = {
  readonly value: FactValue;
  readonly source?: string;
  readonly date?: IsoDate;
  readonly verifier?: string;
};

/** The facts of one claim, by name. */
export type GivenFacts = { readonly [name: string]: GivenFact };

/** `M4.2@1`. */
export function ruleId(rule: { readonly item: string; readonly version: number }): string {
  return `${rule.item}@${rule.version}`;
}
