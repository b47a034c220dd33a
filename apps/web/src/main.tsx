import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { answers } from './kernel/api.ts';
import { beginLanguage } from './kernel/language.ts';
import { router } from './routes.ts';
import './kernel/base.css';
import './kernel/shell/shell.css';
import './kernel/parts/parts.css';

await beginLanguage();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={answers}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
