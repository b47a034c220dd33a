const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const MODULUS = 36;

/**
 * The check character of ISO/IEC 7064 MOD 37,36 over letters and digits, which EIDR and ISAN use.
 * Undefined when a character is outside the alphabet.
 */
export function mod3736(text: string): string | undefined {
  let product = MODULUS;
  for (const char of text.toUpperCase()) {
    const value = ALPHABET.indexOf(char);
    if (value < 0) return undefined;
    const sum = (product + value) % MODULUS || MODULUS;
    product = (sum * 2) % (MODULUS + 1);
  }
  return ALPHABET[(MODULUS + 1 - product) % MODULUS]!;
}
