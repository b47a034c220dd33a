import {
  addRatio,
  compareRatio,
  finding,
  type Finding,
  formatRatio,
  multiplyRatio,
  type Ratio,
  ratio,
  subtractRatio,
} from '@yinglian/core';

/**
 * How an amount came to be: a tree whose every node can be recomputed from its inputs.
 *
 * - `facts`: summed from rows; no inputs.
 * - `constant`: a rate or an amount written in the clause; no inputs.
 * - `multiply`, `add`: of all inputs. `subtract`: the first minus all others.
 * - `greater`, `lesser`: of all inputs.
 * - `round`: the only input to whole fen; it moves by less than one fen.
 * - `allocate`: the only input to whole fen within a line whose parts add up; by largest remainder
 *   it moves by less than one fen, by the other named tails by what they allow.
 * - `difference`: the first (to date) minus the second (stated before).
 */
export type DerivationOperation =
  | 'facts'
  | 'constant'
  | 'multiply'
  | 'add'
  | 'subtract'
  | 'greater'
  | 'lesser'
  | 'round'
  | 'allocate'
  | 'difference';

/** One step of a computation, with the steps it was computed from. */
export type Derivation = {
  readonly name: string;
  readonly operation: DerivationOperation;
  /** Exact: fen for amounts, a pure number for rates and counts. */
  readonly value: Ratio;
  readonly inputs: readonly Derivation[];
  /** The clause of the terms that says so. */
  readonly clause?: string;
  /** Words for the reader: the rate as written, the rounding's name, the rows counted. */
  readonly facts?: { readonly [name: string]: string };
};

type DerivationDetail = { clause?: string | undefined; facts?: { [name: string]: string } };

function node(
  name: string,
  operation: DerivationOperation,
  value: Ratio,
  inputs: readonly Derivation[],
  detail: DerivationDetail = {},
): Derivation {
  const { clause, facts } = detail;
  if (clause === undefined) {
    return facts === undefined
      ? { name, operation, value, inputs }
      : { name, operation, value, inputs, facts };
  }
  return facts === undefined
    ? { name, operation, value, inputs, clause }
    : { name, operation, value, inputs, clause, facts };
}

/** A node whose value was summed from rows. */
export function derivedFacts(name: string, value: bigint, detail?: DerivationDetail): Derivation {
  return node(name, 'facts', ratio(value), [], detail);
}

/** A node whose value the terms state. */
export function derivedConstant(name: string, value: Ratio, detail?: DerivationDetail): Derivation {
  return node(name, 'constant', value, [], detail);
}

/** A node whose value is computed here, so that a derivation cannot say what it does not do. */
export function derive(
  name: string,
  operation: Exclude<DerivationOperation, 'facts' | 'constant' | 'round' | 'allocate'>,
  inputs: readonly Derivation[],
  detail?: DerivationDetail,
): Derivation {
  return node(name, operation, recompute(operation, inputs)!, inputs, detail);
}

/** A node that turns an exact amount into whole fen. */
export function derivedRound(
  name: string,
  operation: 'round' | 'allocate',
  exact: Derivation,
  fen: bigint,
  detail?: DerivationDetail,
): Derivation {
  return node(name, operation, ratio(fen), [exact], detail);
}

function recompute(
  operation: DerivationOperation,
  inputs: readonly Derivation[],
): Ratio | undefined {
  const values = inputs.map((each) => each.value);
  const [first, ...others] = values;
  if (first === undefined) return undefined;
  switch (operation) {
    case 'multiply':
      return others.reduce(multiplyRatio, first);
    case 'add':
      return others.reduce(addRatio, first);
    case 'subtract':
    case 'difference':
      return others.reduce(subtractRatio, first);
    case 'greater':
      return others.reduce((a, b) => (compareRatio(a, b) >= 0 ? a : b), first);
    case 'lesser':
      return others.reduce((a, b) => (compareRatio(a, b) <= 0 ? a : b), first);
    default:
      return undefined;
  }
}

/** Recomputes every node from its inputs. An empty list means that the arithmetic holds. */
export function checkDerivation(derivation: Derivation, path = derivation.name): Finding[] {
  const findings = derivation.inputs.flatMap((input) =>
    checkDerivation(input, `${path}/${input.name}`),
  );
  if (!holds(derivation)) {
    const facts = { path, value: formatRatio(derivation.value), operation: derivation.operation };
    const clause = derivation.clause;
    findings.push(
      finding(
        'mismatched_derivation',
        'error',
        clause === undefined ? { facts } : { facts, clause },
      ),
    );
  }
  return findings;
}

function holds(derivation: Derivation): boolean {
  const { operation, inputs, value } = derivation;
  if (operation === 'facts' || operation === 'constant') return inputs.length === 0;
  if (operation === 'round' || operation === 'allocate') {
    if (inputs.length !== 1 || value.denominator !== 1n) return false;
    const moved = subtractRatio(value, inputs[0]!.value);
    const magnitude = moved.numerator < 0n ? -moved.numerator : moved.numerator;
    return magnitude < moved.denominator || magnitude <= moved.denominator * tailLimit(derivation);
  }
  const expected = recompute(operation, inputs);
  return expected !== undefined && compareRatio(expected, value) === 0;
}

/** Fen by which a part may exceed its exact value because the terms give it the tail. */
function tailLimit(derivation: Derivation): bigint {
  const tail = derivation.operation === 'allocate' ? derivation.facts?.['tail'] : undefined;
  if (tail === 'first' || tail === 'largest_weight') return 1n;
  return tail === 'last' ? BigInt(derivation.facts?.['parts'] ?? '1') : 0n;
}
