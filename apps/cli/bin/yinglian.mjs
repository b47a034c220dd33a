#!/usr/bin/env node
import { main } from '../dist/main.js';

// Whoever reads the first lines only, as `head` does, is no fault of ours.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
process.exitCode = await main(process.argv.slice(2));
