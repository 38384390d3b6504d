import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compressFiles } from './compress-files.ts'

const server = process.env.PENSTOCK_URL ?? 'http://127.0.0.1:8080'

/** `npm run build:web` builds the page; `npm run dev:web` serves it from its sources, in front of a running Penstock. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), compressFiles()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Which file needs which: a test holds each page's first load against its bound.
    manifest: true,
    target: 'es2023',
    // The page's policy lets nothing in that stands inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': server, '/console': server } },
})
