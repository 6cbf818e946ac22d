// The language of the app: the phone's own, or the one that was chosen in Settings.
const LANGUAGE = 'interictal-language'

export const LANGUAGES = { en: 'English', es: 'Español' } as const
export type Language = keyof typeof LANGUAGES

const known = (name: string | null): name is Language => !!name && name in LANGUAGES

/** Asked once: another language is another start of the page. Tests have no phone. */
export const language: Language = globalThis.localStorage
  ? [localStorage.getItem(LANGUAGE), ...navigator.languages.map(l => l.slice(0, 2))].find(known) ?? 'en'
  : 'en'

export function chooseLanguage(language: Language) {
  localStorage.setItem(LANGUAGE, language)
  location.reload()
}

/**
 * The words of a screen: English comes with the code, another language is fetched from the phone's own cache before the first
 * paint. A twin (`text.es.ts`) may import nothing from the code that waits for it.
 */
export const spoken = <T>(english: T, spanish: () => Promise<{ text: T }>): T | Promise<T> =>
  language === 'es' ? spanish().then(twin => twin.text, () => english) : english
