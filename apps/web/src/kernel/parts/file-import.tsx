import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.ts';
import { startUpload } from '../uploads.ts';
import { Dialog } from './dialog.tsx';
import { FilePicker } from './file-picker.tsx';
import { Findings, type WireFinding } from './findings.tsx';
import { Facts } from './page.tsx';
import { ProblemNote } from './problem.tsx';

type Outcome = { counts: Readonly<Record<string, number>>; findings: readonly WireFinding[] };
type FileImportProps = {
  open: boolean;
  onClose: () => void;
  title: string;
  hint: string;
  accept: string;
  /** With `commit` false nothing is written: it only says what would happen. */
  run: (fileId: string, commit: boolean) => Promise<Outcome>;
  words: (count: string) => string;
};

/** Imports a file in two steps: first what would happen, then, when that is right, do it. */
export function FileImport(props: FileImportProps) {
  return (
    <Dialog title={props.title} open={props.open} onClose={props.onClose}>
      <FileImportSteps {...props} />
    </Dialog>
  );
}

/** The same without the dialog, for a page of its own. */
export function FileImportSteps({
  hint,
  accept,
  run,
  words,
  onClose,
}: Omit<FileImportProps, 'open' | 'title'>) {
  const { t } = useTranslation('kernel');
  const format = useFormat();
  const [fileId, setFileId] = useState<string>();
  const [outcome, setOutcome] = useState<Outcome>();
  const [done, setDone] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true);
    setFault(null);
    try {
      await work();
    } catch (caught) {
      setFault(caught);
    } finally {
      setBusy(false);
    }
  };
  const choose = (file: File) =>
    attempt(async () => {
      setDone(false);
      setOutcome(undefined);
      const id = await startUpload(file, { kind: 'hold' });
      setFileId(id);
      setOutcome(await run(id, false));
    });
  const commit = () =>
    attempt(async () => {
      if (fileId === undefined) return;
      setOutcome(await run(fileId, true));
      setDone(true);
    });
  const refused = outcome?.findings.some((each) => each.severity === 'error') ?? false;
  return (
    <div className="stack">
      <p>{hint}</p>
      <FilePicker accept={accept} busy={busy} onChoose={(file) => void choose(file)} />
      {outcome === undefined ? null : (
        <>
          <h3>{done ? t('import.done') : t('import.preview')}</h3>
          <Facts
            rows={Object.entries(outcome.counts).map(([name, count]) => [
              words(name),
              format.number(count),
            ])}
          />
          <Findings findings={outcome.findings} />
          <div className="dialog-actions">
            {done ? (
              <button type="button" className="button button-first" onClick={onClose}>
                {t('close')}
              </button>
            ) : (
              <button
                type="button"
                className="button button-first"
                disabled={busy || refused}
                onClick={() => void commit()}
              >
                {t('import.commit')}
              </button>
            )}
          </div>
        </>
      )}
      <ProblemNote fault={fault} />
    </div>
  );
}
