import { useQueryClient } from '@tanstack/react-query';
import type { contract, OutputOf, ResultOf } from '@yinglian/contract';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, forget } from '../kernel/api.ts';
import { FilePicker } from '../kernel/parts/file-picker.tsx';
import { Icon } from '../kernel/parts/icon.tsx';
import { Section } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { startUpload } from '../kernel/uploads.ts';

type Package = OutputOf<typeof contract.distribution.package.result>;

/**
 * An encrypted package of another house plays once its content keys are in our custody: that house
 * makes a DKDM for our certificate, and here it is opened.
 */
export function DkdmSection({ data }: { data: Package }) {
  const { t } = useTranslation('distribution');
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const [taken, setTaken] = useState<ResultOf<typeof contract.distribution.takeDkdm>>();
  const act = async (work: () => Promise<void>) => {
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
  const take = (file: File) => act(async () => {
    setTaken(undefined);
    const fileId = await startUpload(file, { kind: 'hold' });
    setTaken(await api.distribution.takeDkdm({ params: { id: data.id }, body: { fileId } }));
    await forget('distribution', 'jobs');
    await client.invalidateQueries();
  });
  const certificate = () => act(async () => {
    const { pem } = await api.distribution.certificate({ body: {} });
    save(pem, 'certificate-chain.pem');
  });
  return (
    <Section title={t('dkdm.title')} actions={
      <button type="button" className="button" disabled={busy} onClick={() => void certificate()}>
        <Icon name="download" />{t('dkdm.certificate')}
      </button>
    }>
      <div className="panel stack">
        <p className="muted">{t('dkdm.text')}</p>
        <FilePicker accept=".xml,text/xml,application/xml" busy={busy} label={t('dkdm.choose')}
          onChoose={(file) => void take(file)} />
        {taken === undefined ? null : (
          <p role="status">{t('dkdm.taken', { count: taken.keys })}</p>
        )}
        <ProblemNote fault={fault} />
      </div>
    </Section>
  );
}

function save(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/x-pem-file' }));
  const anchor = document.createElement('a');
  anchor.href = address;
  anchor.download = name;
  anchor.click();
  URL.revokeObjectURL(address);
}
