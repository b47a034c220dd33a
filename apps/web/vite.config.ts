import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { budgets } from './build/budgets.ts';
import { findingTexts } from './build/finding-texts.ts';
import { tokenSheet } from './build/token-sheet.ts';

const server = process.env['YINGLIAN_SERVER'] ?? 'http://127.0.0.1:4300';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), findingTexts(), tokenSheet(), budgets()],
  // The workspaces are read from their sources, so that a build needs no compiler run before it.
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  build: {
    target: 'es2023',
    manifest: true,
    // Kept below the largest of antd's own modules; the budgets of this workspace do the measuring.
    chunkSizeWarningLimit: 2000,
  },
  // The host stays the page's own: a change from a foreign origin is refused.
  server: {
    proxy: Object.fromEntries(
      ['/api', '/health'].map((path) => [path, { target: server, changeOrigin: false, ws: true }]),
    ),
  },
});
