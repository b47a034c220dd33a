// Judges a digital cinema package with the library alone: no server, no command line.
//
//   node examples/developer/judge-package.mjs FOLDER
import { fileURLToPath } from 'node:url';
import { renderFinding } from '@yinglian/core';
import { FINDING_TEXTS, verifyPackage } from '@yinglian/dcp';
import { folderReader, nodeCryptography } from '@yinglian/host';

/** What is wrong with the package in a folder, in words. */
export async function judge(folder, locale = 'en') {
  const report = await verifyPackage(
    folderReader(folder),
    { cryptography: nodeCryptography },
    { profile: 'bv21', at: Date.now() },
  );
  return report.findings.map((each) => ({
    severity: each.severity,
    code: each.code,
    clause: each.clause,
    text: renderFinding(each, FINDING_TEXTS, locale),
  }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { severity, code, text } of await judge(process.argv[2] ?? '.')) {
    console.log(`${severity.padEnd(8)} ${code}: ${text}`);
  }
}
