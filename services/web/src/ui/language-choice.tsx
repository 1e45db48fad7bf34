import type { Language } from '../decide-language.ts'
import { languages } from '../decide-language.ts'
import { chooseLanguage, language } from '../language.ts'
import { texts } from '../texts.ts'
import { Button } from './button.tsx'

/** The languages, each by its own name. */
export function LanguageChoice() {
  return (
    <div role="group" aria-label={texts.language} className="languages">
      {(Object.entries(languages) as [Language, string][]).map(([tag, name]) => (
        <Button
          key={tag}
          look="link"
          lang={tag}
          aria-current={tag === language ? 'true' : undefined}
          onClick={() => chooseLanguage(tag)}
        >
          {name}
        </Button>
      ))}
    </div>
  )
}
