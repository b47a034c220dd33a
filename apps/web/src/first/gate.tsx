import { type ReactNode, useState } from 'react';
import { Page } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import './first.css';

type GateField = {
  name: string;
  label: string;
  type: 'text' | 'email' | 'password';
  hint?: string;
  autoComplete: string;
  minLength?: number;
  optional?: boolean;
  value?: string;
};
type GateProps = {
  title: string;
  lead?: ReactNode;
  fields: readonly GateField[];
  submit: string;
  onSubmit: (values: Readonly<Record<string, string>>) => Promise<unknown>;
  after?: ReactNode;
};

/** A small form at the door: signing in, claiming a new network, accepting an invitation. */
export function Gate({ title, lead, fields, submit, onSubmit, after }: GateProps) {
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const send = async (form: HTMLFormElement) => {
    setBusy(true);
    setFault(null);
    try {
      const entries = [...new FormData(form)].map(([key, value]) => [key, String(value)]);
      await onSubmit(Object.fromEntries(entries) as Record<string, string>);
    } catch (caught) {
      setFault(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="gate">
      <Page title={title} lead={lead}>
        <form
          className="panel stack"
          onSubmit={(event) => {
            event.preventDefault();
            void send(event.currentTarget);
          }}
        >
          {fields.map((field) => (
            <label key={field.name} className="field">
              <span>{field.label}</span>
              <input
                className="input"
                name={field.name}
                type={field.type}
                autoComplete={field.autoComplete}
                required={field.optional !== true}
                minLength={field.minLength}
                defaultValue={field.value}
              />
              {field.hint === undefined ? null : <small>{field.hint}</small>}
            </label>
          ))}
          <ProblemNote fault={fault} />
          <button className="button button-first button-large" disabled={busy}>
            {submit}
          </button>
        </form>
        {after}
      </Page>
    </div>
  );
}
