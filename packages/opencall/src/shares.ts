import { assert } from '@yinglian/core';

/**
 * Shamir's sharing of a secret over GF(2⁸), byte by byte: any `threshold` shares give the secret,
 * fewer say nothing about it. The field is that of AES (FIPS 197 section 4.2).
 */
export type Share = {
  /** Where the polynomial was evaluated, 1 to 255. */
  readonly index: number;
  readonly bytes: Uint8Array;
};

/** Shares of one secret at most: the field has no more places. */
export const SHARES_MAX = 255;

/** Splits a secret. `random` gives the coefficients, threshold − 1 for each byte. */
export function splitSecret(
  secret: Uint8Array,
  { threshold, count }: { readonly threshold: number; readonly count: number },
  random: (length: number) => Uint8Array,
): Share[] {
  assert(threshold >= 1 && threshold <= count && count <= SHARES_MAX, 'a threshold can be met');
  const coefficients = random(secret.length * (threshold - 1));
  return Array.from({ length: count }, (_, place) => {
    const index = place + 1;
    const bytes = secret.map((byte, at) => {
      // Horner's scheme from the highest power down to the secret itself.
      let value = 0;
      for (let power = threshold - 1; power >= 1; power--) {
        value = multiply(value, index) ^ coefficients[at * (threshold - 1) + power - 1]!;
      }
      return multiply(value, index) ^ byte;
    });
    return { index, bytes };
  });
}

/** Puts shares together by interpolation at zero. Too few or false shares give other bytes. */
export function joinShares(shares: readonly Share[]): Uint8Array {
  const length = shares[0]?.bytes.length ?? 0;
  assert(shares.length > 0, 'there is a share');
  assert(new Set(shares.map(({ index }) => index)).size === shares.length, 'shares differ');
  assert(
    shares.every(({ bytes }) => bytes.length === length),
    'shares are of one secret',
  );
  const secret = new Uint8Array(length);
  for (const { index, bytes } of shares) {
    let weight = 1;
    for (const other of shares) {
      if (other.index === index) continue;
      weight = multiply(weight, divide(other.index, other.index ^ index));
    }
    for (let at = 0; at < length; at++) secret[at]! ^= multiply(weight, bytes[at]!);
  }
  return secret;
}

/** x⁸ + x⁴ + x³ + x + 1. */
const POLYNOMIAL = 0x11b;

/** Without branches on the values, so that the time taken tells nothing about them. */
function multiply(a: number, b: number): number {
  let product = 0;
  let left = a;
  for (let bit = 0; bit < 8; bit++) {
    product ^= left & -((b >> bit) & 1);
    left = (left << 1) ^ (POLYNOMIAL & -((left >> 7) & 1));
  }
  return product;
}

/** a / b, with b⁻¹ = b²⁵⁴. */
function divide(a: number, b: number): number {
  assert(b !== 0, 'nobody divides by zero');
  let inverse = 1;
  for (let step = 0; step < 254; step++) inverse = multiply(inverse, b);
  return multiply(a, inverse);
}
