import { defineConfig } from 'vite'
import { compressedFiles } from './compressed-files.ts'
import { contractWithoutSchemas } from './contract-without-schemas.ts'

/** Where `npm run dev` finds the API: `npm start` in another shell. */
const gateway = 'http://127.0.0.1:8000'

export default defineConfig({
  plugins: [contractWithoutSchemas(), compressedFiles()],
  build: {
    // The gateway's content security policy allows files of its own only, and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'assets/licenses.md' },
  },
  server: { host: '127.0.0.1', proxy: { '/api': gateway } },
})
