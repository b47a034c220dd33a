import { useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../kernel/api.ts';
import { Waiting } from '../kernel/parts/page.tsx';
import { ProblemNote } from '../kernel/parts/problem.tsx';
import { sessionQuestion } from '../kernel/session.ts';
import { Landing } from './landing.tsx';
import './first.css';

/** Where everybody arrives: at work when signed in, else at the two ways in. */
export function FirstPage() {
  useTranslation('first');
  const session = useQuery(sessionQuestion);
  const network = useQuery(ask('network', 'state'));
  if (session.isPending || network.isPending) return <Waiting />;
  if (session.isError || network.isError) {
    return (
      <div className="gate">
        <ProblemNote
          fault={session.error ?? network.error}
          again={() => {
            void session.refetch();
            void network.refetch();
          }}
        />
      </div>
    );
  }
  if (session.data.user !== null) return <Navigate to="/films" replace />;
  return <Landing isNew={network.data.state === 'new'} />;
}
