import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { language } from './language.ts'
import { createApi } from './session/api.ts'
import { ApiContext } from './session/api-context.ts'
import { texts } from './texts.ts'

document.documentElement.lang = language
const root = createRoot(document.getElementById('root')!)

// Browsers sign in secure contexts only; elsewhere every call would fail without a word.
if (isSecureContext) {
  const api = createApi()
  void api.keeper.restore()
  root.render(
    <StrictMode>
      <ApiContext value={api}>
        <App />
      </ApiContext>
    </StrictMode>,
  )
} else {
  root.render(<p className="lonely">{texts.insecure}</p>)
}
