// Thousands of mutants are tried: a law is given a moment for each, and always the same values.
import fc from 'fast-check';

const MOMENT_MS = 500;
const SEED = 20_261_123;

fc.configureGlobal({
  seed: SEED,
  interruptAfterTimeLimit: MOMENT_MS,
  markInterruptAsFailure: false,
});
